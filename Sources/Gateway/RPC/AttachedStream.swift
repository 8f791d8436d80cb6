import Domain
import Streams
import WebSocket

/// One subscription of a WebSocket session.
final class AttachedStream {
    let name: StreamName
    /// Where the answer to the subscription goes, until it was given.
    var ticket: RPCTicket?
    var subscription: Subscription?
    /// Events must not be sent before the answer, which may wait for the rest of its batch.
    var isAnswered = false
    /// The event that came before the answer had gone out.
    var held: [OutgoingMessage] = []
    var isPaused = false

    init(_ name: StreamName, ticket: RPCTicket) {
        self.name = name
        self.ticket = ticket
    }
}
