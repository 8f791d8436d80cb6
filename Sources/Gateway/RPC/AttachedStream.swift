import Domain
import Streams
import WebSocket

/// One subscription of a WebSocket session.
final class AttachedStream {
    let name: StreamName
    /// Where the answer to the subscription goes, until it was given.
    var ticket: RPCTicket?
    var subscription: Subscription?
    /// Lets the next command on this stream begin: the answer was given, or will not be.
    var onSettled: (() -> Void)?
    /// Nothing may be sent before the answer, which may wait for the rest of its batch.
    var isAnswered = false
    /// The parts of a snapshot that is being sent. Events come after them.
    private var parts: [SnapshotPart] = []
    private var nextPart = 0
    var window = AckWindow()
    /// When it had its last turn among those that wait: a number that rises.
    var turn: UInt64 = 0
    /// Whether the hub waits to be told that more can be taken.
    var isPaused = false

    init(_ name: StreamName, ticket: RPCTicket) {
        self.name = name
        self.ticket = ticket
    }

    func settle() { onSettled.take()?() }

    /// Whether parts wait to be sent.
    var hasParts: Bool { nextPart < parts.count }

    /// Begins with the parts of a snapshot; those of an earlier one are forgotten.
    func begin(_ parts: [SnapshotPart]) {
        (self.parts, nextPart) = (parts, 0)
    }

    /// The next part, if one waits. With the last the snapshot is let go, which all who attached to it share.
    func takePart() -> SnapshotPart? {
        guard hasParts else { return nil }
        let part = parts[nextPart]
        nextPart += 1
        if !hasParts { begin([]) }
        return part
    }
}
