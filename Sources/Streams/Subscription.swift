import Domain

/// Somebody who takes entries: a WebSocket session, a server-sent event response. Lives on one loop.
///
/// Whatever returns false says that no more should come before ``StreamHub/resume(_:)``.
public protocol StreamSubscriber: AnyObject {
    /// The subscription's answer; comes before any entry.
    func streamAttached(_ reply: AttachReply, _ subscription: Subscription) -> Bool
    /// The next entry, in order.
    func streamDeliver(_ entry: StreamEntry, _ subscription: Subscription) -> Bool
    /// What the subscriber lacks is longer than the document: the document, in its place.
    func streamReplaced(_ snapshot: StreamSnapshot, _ subscription: Subscription) -> Bool
    /// The subscription did not begin, or cannot go on: it is over.
    func streamEnded(_ error: AttachError, _ subscription: Subscription)
}

/// One subscriber's place in one stream.
///
/// There is no queue: what a subscriber cannot take now is folded, or read again, when it can. A slow subscriber costs one
/// small record, whatever it has missed.
public final class Subscription {
    enum Phase {
        /// The answer is not there yet.
        case attaching
        /// Entries are passed on as they come.
        case live
        /// Something is being read for it.
        case reading
        /// The subscriber takes nothing at present.
        case paused
        /// The subscriber takes entries again and is served with the others of its stream.
        case due
        /// Over.
        case ended
    }

    /// What was asked for.
    public let request: AttachRequest
    let id: SubscriptionID
    weak var subscriber: (any StreamSubscriber)?
    var phase = Phase.attaching
    /// What the subscriber was given last.
    var position = Position(epoch: "", seq: 0)
    /// The highest position known to exist.
    var latest: Int64 = 0

    init(request: AttachRequest, id: SubscriptionID, subscriber: any StreamSubscriber) {
        self.request = request
        self.id = id
        self.subscriber = subscriber
    }

    /// For how many turns more the subscriber is served with others, though it takes what comes.
    private var pacedTurns = 0

    /// Whether something is known to exist that could be passed on now.
    var isBehind: Bool { phase == .live && position.seq < latest }

    /// Whether changes may come folded; the inbox is never folded.
    var takesFolded: Bool { request.interest == .document && request.stream != .prompts }

    /// Whether more than the next entry is missing.
    var lacksSeveral: Bool { latest > position.seq + 1 }

    /// Whether entries are known to exist that were not passed on yet.
    public var isAwaitingEntries: Bool { phase == .reading || position.seq < latest }

    /// Takes note that a position exists.
    func note(_ seq: Int64) { latest = max(latest, seq) }

    /// Passes on the entry that is next.
    func deliver(_ entry: StreamEntry) {
        position = entry.position
        if subscriber?.streamDeliver(entry, self) != true { pause() }
    }

    /// Passes on the answer.
    func begin(_ reply: AttachReply) {
        position = reply.position
        note(reply.end)
        phase = .live
        if subscriber?.streamAttached(reply, self) != true { pause() }
    }

    /// Passes on the document, and goes on from there.
    func replace(with snapshot: StreamSnapshot) {
        // Positions of another epoch say nothing about this one.
        if snapshot.position.epoch != position.epoch { latest = 0 }
        position = snapshot.position
        note(snapshot.position.seq)
        phase = .live
        if subscriber?.streamReplaced(snapshot, self) != true { pause() }
    }

    /// Whether a live subscriber goes on being served with others for now; asked once for each turn.
    ///
    /// Whoever could not keep up a moment ago would have its window filled by the next few entries one by one, and lack the
    /// rest again.
    func goesOnInTurns() -> Bool {
        guard phase == .live, pacedTurns > 0 else { return false }
        pacedTurns -= 1
        return true
    }

    /// The subscriber may have ended the subscription while it was given something.
    private func pause() {
        guard phase == .live else { return }
        phase = .paused
        pacedTurns = Self.pace
    }

    /// The turns without a pause after which a subscriber gets entries as they come again.
    private static let pace = 20
}
