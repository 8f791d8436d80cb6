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
    /// Parts of a snapshot that were not sent yet. Events come after them.
    var parts: ArraySlice<SnapshotPart> = []
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
}
