/// A place in the value that is being encoded. Containers are handed out before they are filled, so that places must
/// be references until everything is written.
final class EncodingNode {
    enum Content {
        case pending
        case value(JSON)
        case keyed([(key: String, node: EncodingNode)])
        case unkeyed([EncodingNode])
    }

    var content: Content = .pending

    /// What was written. A value that asked for no container is an empty object, like one that wrote no member.
    var json: JSON {
        switch content {
        case .pending: .object(JSONObject())
        case .value(let value): value
        case .keyed(let members): .object(JSONObject(members.lazy.map { ($0.key, $0.node.json) }))
        case .unkeyed(let nodes): .array(nodes.map(\.json))
        }
    }

    /// Encodes a value into a new node.
    static func make(_ value: some Encodable, codingPath: [any CodingKey]) throws -> EncodingNode {
        let node = EncodingNode()
        try node.encode(value, codingPath: codingPath)
        return node
    }

    func encode(_ value: some Encodable, codingPath: [any CodingKey]) throws {
        guard let primitive = value as? any CodablePrimitive else {
            try value.encode(to: ValueEncoder(node: self, codingPath: codingPath))
            return
        }
        guard let json = primitive.jsonValue else {
            throw EncodingError.invalidValue(
                value,
                .init(codingPath: codingPath, debugDescription: "JSON has no number for \(value).")
            )
        }
        content = .value(json)
    }

    func addMember(_ key: String) -> EncodingNode {
        let node = EncodingNode()
        var members: [(key: String, node: EncodingNode)] = []
        if case .keyed(let existing) = content { members = existing }
        content = .pending
        members.append((key, node))
        content = .keyed(members)
        return node
    }

    func addElement() -> EncodingNode {
        let node = EncodingNode()
        var nodes: [EncodingNode] = []
        if case .unkeyed(let existing) = content { nodes = existing }
        content = .pending
        nodes.append(node)
        content = .unkeyed(nodes)
        return node
    }

    var elementCount: Int {
        if case .unkeyed(let nodes) = content { nodes.count } else { 0 }
    }
}

/// The `Encoder` that writes into a node.
struct ValueEncoder: Encoder {
    let node: EncodingNode
    let codingPath: [any CodingKey]
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if case .keyed = node.content {} else { node.content = .keyed([]) }
        return KeyedEncodingContainer(KeyedContainer<Key>(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .unkeyed = node.content {} else { node.content = .unkeyed([]) }
        return UnkeyedContainer(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        SingleValueContainer(node: node, codingPath: codingPath)
    }
}

extension ValueEncoder {
    // One generic `encode` serves every primitive requirement of the three protocols.

    struct KeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let node: EncodingNode
        let codingPath: [any CodingKey]

        func encodeNil(forKey key: Key) throws {
            node.addMember(key.stringValue).content = .value(.null)
        }

        func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
            try node.addMember(key.stringValue).encode(value, codingPath: codingPath + [key])
        }

        func nestedContainer<NestedKey: CodingKey>(
            keyedBy keyType: NestedKey.Type,
            forKey key: Key
        ) -> KeyedEncodingContainer<NestedKey> {
            encoder(for: key).container(keyedBy: keyType)
        }

        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            encoder(for: key).unkeyedContainer()
        }

        func superEncoder() -> any Encoder {
            encoder(for: AnyCodingKey.super)
        }

        func superEncoder(forKey key: Key) -> any Encoder {
            encoder(for: key)
        }

        private func encoder(for key: any CodingKey) -> ValueEncoder {
            ValueEncoder(node: node.addMember(key.stringValue), codingPath: codingPath + [key])
        }
    }

    struct UnkeyedContainer: UnkeyedEncodingContainer {
        let node: EncodingNode
        let codingPath: [any CodingKey]

        var count: Int { node.elementCount }

        func encodeNil() throws {
            node.addElement().content = .value(.null)
        }

        func encode<T: Encodable>(_ value: T) throws {
            let path = codingPath + [AnyCodingKey(index: count)]
            try node.addElement().encode(value, codingPath: path)
        }

        func nestedContainer<NestedKey: CodingKey>(
            keyedBy keyType: NestedKey.Type
        ) -> KeyedEncodingContainer<NestedKey> {
            nextEncoder().container(keyedBy: keyType)
        }

        func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            nextEncoder().unkeyedContainer()
        }

        func superEncoder() -> any Encoder {
            nextEncoder()
        }

        private func nextEncoder() -> ValueEncoder {
            let path = codingPath + [AnyCodingKey(index: count)]
            return ValueEncoder(node: node.addElement(), codingPath: path)
        }
    }

    struct SingleValueContainer: SingleValueEncodingContainer {
        let node: EncodingNode
        let codingPath: [any CodingKey]

        func encodeNil() throws {
            node.content = .value(.null)
        }

        func encode<T: Encodable>(_ value: T) throws {
            try node.encode(value, codingPath: codingPath)
        }
    }
}
