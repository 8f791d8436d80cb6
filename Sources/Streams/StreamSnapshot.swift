public import Domain
public import JSON
import Locking

/// A way of writing documents for the wire.
public protocol SnapshotFormat {
    /// What is sent.
    associatedtype EncodedSnapshot: Sendable
    /// The document, ready to be sent.
    static func encode(_ snapshot: StreamSnapshot) -> EncodedSnapshot
}

/// A stream's whole document at one position. Read once, and written once for each format, for all who need it.
public final class StreamSnapshot: Sendable {
    /// The stream.
    public let stream: StreamName
    /// The last position that is included.
    public let position: Position
    /// The document.
    public let document: JSON
    /// The bytes of the document as JSON text.
    public let byteCount: Int

    private let knownDigest = Mutex<String?>(nil)
    private let encodings = Encodings()

    init(stream: StreamName, position: Position, document: JSON) {
        self.stream = stream
        self.position = position
        self.document = document
        byteCount = document.serializedSize()
    }

    /// The digest of the document (of its `/state` for a flow).
    public var digest: String {
        knownDigest.withLock { known in
            if let known { return known }
            let digest = (stream.isFlow ? document["state"] ?? .null : document).digest
            known = digest
            return digest
        }
    }

    /// The snapshot in a format.
    public func encoded<Format: SnapshotFormat>(as format: Format.Type) -> Format.EncodedSnapshot {
        encodings.value(for: ObjectIdentifier(format)) { format.encode(self) }
    }

    /// The document after these entries, which follow it without a gap; nil when they do not fit it.
    func applying(_ entries: [StreamEntry]) -> StreamSnapshot? {
        var (document, position) = (self.document, self.position)
        for entry in entries {
            guard let next = try? entry.applied(to: document) else { return nil }
            (document, position) = (next, entry.position)
        }
        return StreamSnapshot(stream: stream, position: position, document: document)
    }
}

extension StreamEntry {
    /// The document after the entry, as a client works it out.
    package func applied(to document: JSON) throws -> JSON {
        let root = stream.isFlow ? JSONPointer(tokens: ["state"]) : .root
        var document = document
        switch event["type"]?.string {
        case "STATE_SNAPSHOT": try document.set(event["snapshot"] ?? .null, at: root)
        case "STATE_DELTA":
            document = try JSONPatch(json: event["delta"] ?? .null).prefixed(by: root).apply(to: document)
        default: break
        }
        return try patch.map { try JSONPatch(json: $0).apply(to: document) } ?? document
    }
}

extension StreamName {
    /// Whether it is one flow, whose document has the state under `/state`.
    package var isFlow: Bool { if case .flow = self { true } else { false } }
}
