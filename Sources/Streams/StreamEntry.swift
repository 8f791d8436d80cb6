public import Domain
public import JSON

/// A way of writing entries for the wire: WebSocket notifications, server-sent events.
public protocol EntryFormat {
    /// What is sent.
    associatedtype Encoded: Sendable
    /// The entry, ready to be sent.
    static func encode(_ entry: StreamEntry) -> Encoded
}

/// One change on its way to subscribers, or several that were folded into one.
public final class StreamEntry: Sendable {
    /// The stream it belongs to.
    public let stream: StreamName
    /// Its position; of several, the last.
    public let position: Position
    /// The position it follows: it stands for everything from there to its own. One less than its own, unless it was folded.
    public let since: Int64
    /// The AG-UI event; for a live list a `STATE_DELTA` of the list.
    public let event: JSON
    /// What changed outside `/state`, an RFC 6902 patch.
    public let patch: JSON?
    /// The digest of the state after it, where it was computed.
    public let digest: String?
    /// The bytes of event and patch as JSON text.
    public let byteCount: Int

    private let encodings = Encodings()

    /// Creates an entry.
    public init(
        stream: StreamName,
        position: Position,
        since: Int64? = nil,
        event: JSON,
        patch: JSON?,
        digest: String?
    ) {
        self.stream = stream
        self.position = position
        self.since = since ?? position.seq - 1
        self.event = event
        self.patch = patch
        self.digest = digest
        byteCount = event.serializedSize() + (patch?.serializedSize() ?? 0)
    }

    /// An event of a flow as an entry of its stream.
    package convenience init(_ event: FlowEvent, flow: FlowID, epoch: String) {
        self.init(
            stream: .flow(flow),
            position: Position(epoch: epoch, seq: event.seq),
            event: event.event,
            patch: event.patch,
            digest: event.digest
        )
    }

    /// The entry in a format.
    public func encoded<Format: EntryFormat>(as format: Format.Type) -> Format.Encoded {
        encodings.value(for: ObjectIdentifier(format)) { format.encode(self) }
    }
}
