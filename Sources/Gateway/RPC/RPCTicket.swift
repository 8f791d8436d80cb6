import JSON

/// Where the answer to a request goes: names a request across a task.
struct RPCTicket: Sendable {
    /// Nil for a notification: nobody waits.
    let id: JSON?
    /// The batch it came in.
    let batch: UInt64?
}

/// The answers of one batch, until all are there.
struct RPCBatch {
    var waiting: Int
    var answers: [JSON] = []
    /// Streams whose answer is in this batch: their events wait for it.
    var streams: [AttachedStream] = []
}
