import Domain

/// Somebody who takes entries: a WebSocket session, a server-sent event response. Lives on one loop.
public protocol StreamSubscriber: AnyObject {
    /// The subscription's answer; comes before any entry.
    func streamAttached(_ reply: AttachReply, _ subscription: Subscription)
    /// The next entry, in order. Returns false when no more should come before ``StreamHub/resume(_:)``.
    func streamDeliver(_ entry: StreamEntry, _ subscription: Subscription) -> Bool
    /// The database could not be read; the subscription is over.
    func streamLost(_ subscription: Subscription)
}

/// One subscriber's place in one stream.
///
/// There is no queue: what a subscriber cannot take now is read from the database when it can. A slow subscriber costs one
/// small record, whatever it has missed.
public final class Subscription {
    enum Phase {
        /// The answer is not there yet.
        case attaching
        /// Entries are passed on as they come.
        case live
        /// Entries are being read from the database.
        case catchingUp
        /// The subscriber takes nothing at present.
        case paused
        /// Over.
        case ended
    }

    /// What was asked for.
    public let request: AttachRequest
    weak var subscriber: (any StreamSubscriber)?
    var phase = Phase.attaching
    /// The next position to deliver.
    var next: Int64 = 1
    /// The highest position known to exist.
    var latest: Int64 = 0
    var epoch = ""

    init(request: AttachRequest, subscriber: any StreamSubscriber) {
        self.request = request
        self.subscriber = subscriber
    }

    /// Passes on one entry that may be next.
    /// - Returns: false when the entry leaves a gap that has to be read first.
    func offer(_ entry: StreamEntry) -> Bool {
        latest = max(latest, entry.position.seq)
        guard phase == .live, entry.position.seq >= next else { return true }
        guard entry.position.seq == next else { return false }
        deliver(entry)
        return true
    }

    func deliver(_ entry: StreamEntry) {
        next = entry.position.seq + 1
        if subscriber?.streamDeliver(entry, self) == false { phase = .paused }
    }
}
