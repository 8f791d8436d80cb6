import Domain
import JSON

/// A commit as one process tells others of it.
///
/// A line `1 <node>`, then one JSON object: `tenant`, `flow` and `epoch`, and of `events`, `flows` and `prompts` those that
/// are not empty. The line is enough to pass over what one has sent oneself. A process takes versions it knows only, so that
/// different releases may share a channel.
struct RelayMessage: Equatable {
    /// The process that made the commit.
    let node: Int64
    let committed: Committed

    /// The largest message in bytes. A larger commit is left to the database: whoever watches it reads it there.
    static let limit = 1 << 20

    private static let version: Substring = "1"
    /// Longer than any first line is.
    private static let longestHead = 32
    /// The state of a flow is a few levels down in its events.
    private static let limits = JSONLimits(maxDepth: 256, maxBytes: limit)

    /// The bytes to send; nil when they are more than ``limit``.
    func encoded() -> [UInt8]? {
        var bytes = Array("\(Self.version) \(node)\n{\"tenant\":\"\(committed.tenant)\"".utf8)
        if let flow = committed.flow {
            bytes += Array(",\"flow\":\"\(flow)\",\"epoch\":".utf8)
            JSON(committed.epoch).serialize(into: &bytes)
        }
        bytes.append("events", committed.events) { event, bytes in
            bytes += Array("{\"seq\":\(event.seq)".utf8)
            bytes.append("event", event.event)
            bytes.append("patch", event.patch)
            bytes.append("digest", event.digest.map { JSON($0) })
        }
        for (name, changes) in [("flows", committed.flows), ("prompts", committed.prompts)] {
            bytes.append(name, changes) { change, bytes in
                bytes += Array("{\"seq\":\(change.seq)".utf8)
                bytes.append("item", JSON(change.item))
                bytes.append("before", change.before)
                bytes.append("after", change.after)
            }
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes.count <= Self.limit ? bytes : nil
    }

    /// Who sent a message, of which only the first line is read.
    static func sender(of bytes: [UInt8]) throws(RelayError) -> Int64 { try head(of: bytes).node }

    /// Reads a message.
    init(_ bytes: [UInt8]) throws(RelayError) {
        guard bytes.count <= Self.limit else { throw .tooLarge(bytes: bytes.count, limit: Self.limit) }
        let head = try Self.head(of: bytes)
        node = head.node
        let body: JSON
        do throws(JSONError) {
            body = try JSON.parse(Array(bytes[head.count...]), limits: Self.limits)
        } catch {
            throw .malformed("\(error)")
        }
        guard let tenant = body["tenant"]?.string.flatMap({ TenantID($0) }) else { throw .malformed("tenant") }
        var committed = Committed(tenant: tenant)
        if let text = body["flow"] {
            guard let flow = text.string.flatMap({ FlowID($0) }) else { throw .malformed("flow") }
            guard let epoch = body["epoch"]?.string, !epoch.isEmpty else { throw .malformed("epoch") }
            committed.flow = flow
            committed.epoch = epoch
        }
        committed.events = try Self.list("events", in: body) { FlowEvent(relayed: $0) }
        committed.flows = try Self.list("flows", in: body) { ViewChange(relayed: $0) }
        committed.prompts = try Self.list("prompts", in: body) { ViewChange(relayed: $0) }
        guard committed.events.isEmpty || committed.flow != nil else { throw .malformed("flow") }
        guard Self.isAscending(committed.events.map(\.seq)), Self.isAscending(committed.flows.map(\.seq)),
            Self.isAscending(committed.prompts.map(\.seq))
        else { throw .malformed("seq") }
        self.committed = committed
    }

    init(node: Int64, committed: Committed) {
        self.node = node
        self.committed = committed
    }

    private static func head(of bytes: [UInt8]) throws(RelayError) -> (node: Int64, count: Int) {
        guard let end = bytes.prefix(longestHead).firstIndex(of: UInt8(ascii: "\n")) else { throw .malformed("head") }
        let words = String(decoding: bytes[..<end], as: UTF8.self).split(
            separator: " ",
            omittingEmptySubsequences: false
        )
        guard words.first == version else { throw .unknownVersion }
        guard words.count == 2, let node = Int64(words[1]) else { throw .malformed("head") }
        return (node, end + 1)
    }

    private static func list<Element>(
        _ name: String,
        in body: JSON,
        _ element: (JSON) -> Element?
    ) throws(RelayError) -> [Element] {
        guard let member = body[name] else { return [] }
        guard let array = member.array else { throw .malformed(name) }
        let elements = array.compactMap(element)
        guard elements.count == array.count else { throw .malformed(name) }
        return elements
    }

    private static func isAscending(_ positions: [Int64]) -> Bool {
        zip([0] + positions, positions).allSatisfy { $0 < $1 }
    }
}

/// Why a message is not taken.
enum RelayError: Error, Equatable {
    /// Another release sent it.
    case unknownVersion
    /// The part that is not as it should be.
    case malformed(String)
    case tooLarge(bytes: Int, limit: Int)
}

extension FlowEvent {
    fileprivate init?(relayed json: JSON) {
        guard let seq = json["seq"]?.int, let event = json["event"] else { return nil }
        let digest = json["digest"]
        if let digest, digest.string == nil { return nil }
        self.init(seq: Int64(seq), event: event, patch: json["patch"], digest: digest?.string)
    }
}

extension ViewChange {
    fileprivate init?(relayed json: JSON) {
        guard let seq = json["seq"]?.int, let item = json["item"]?.string else { return nil }
        self.init(seq: Int64(seq), item: item, before: json["before"], after: json["after"])
    }
}

extension [UInt8] {
    /// A member of an object that has others before it; nothing for nil.
    fileprivate mutating func append(_ name: String, _ value: JSON?) {
        guard let value else { return }
        self += Array(",\"\(name)\":".utf8)
        value.serialize(into: &self)
    }

    /// The same with an array of objects, each begun by `begin` with its first member; nothing for an empty one.
    fileprivate mutating func append<Item>(
        _ name: String,
        _ items: [Item],
        _ begin: (Item, inout [UInt8]) -> Void
    ) {
        guard !items.isEmpty else { return }
        self += Array(",\"\(name)\":[".utf8)
        for (index, item) in items.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            begin(item, &self)
            append(UInt8(ascii: "}"))
        }
        append(UInt8(ascii: "]"))
    }
}
