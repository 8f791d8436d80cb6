// Streams: attach, resume and fan out.
//
// What it is for: giving every subscriber a document and then every change of it, in order, without a gap, from what was
// committed. It must never know a wire format (subscribers bring theirs), nor what a flow does.

public import Domain
public import JSON
import Locking

/// A way of writing an entry for the wire: a WebSocket notification, a server-sent event.
public protocol StreamFormat {
    /// What is sent.
    associatedtype Encoded: Sendable
    /// The entry, ready to be sent.
    static func encode(_ entry: StreamEntry) -> Encoded
}

/// One change on its way to subscribers. What each format sends is made once and shared by all subscribers of all loops.
public final class StreamEntry: Sendable {
    /// The stream it belongs to.
    public let stream: StreamName
    /// Its position.
    public let position: Position
    /// The AG-UI event; for a live list a `STATE_DELTA` of the list.
    public let event: JSON
    /// What changed outside `/state`, an RFC 6902 patch.
    public let patch: JSON?
    /// The digest of the state after it, where it was computed.
    public let digest: String?

    private let encodings = Mutex<[ObjectIdentifier: any Sendable]>([:])

    /// Creates an entry.
    public init(stream: StreamName, position: Position, event: JSON, patch: JSON?, digest: String?) {
        self.stream = stream
        self.position = position
        self.event = event
        self.patch = patch
        self.digest = digest
    }

    convenience init(_ event: FlowEvent, flow: FlowID, epoch: String) {
        self.init(
            stream: .flow(flow),
            position: Position(epoch: epoch, seq: event.seq),
            event: event.event,
            patch: event.patch,
            digest: event.digest
        )
    }

    /// The entry in a format.
    public func encoded<Format: StreamFormat>(as format: Format.Type) -> Format.Encoded {
        let key = ObjectIdentifier(format)
        if let made = encodings.withLock({ $0[key] }) as? Format.Encoded { return made }
        let encoded = format.encode(self)
        encodings.withLock { $0[key] = encoded }
        return encoded
    }
}
