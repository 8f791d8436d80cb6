/// The `Decoder` that reads from a JSON value.
struct ValueDecoder: Decoder {
    let value: JSON
    let codingPath: [any CodingKey]
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        guard let primitive = type as? any CodablePrimitive.Type else { return try T(from: self) }
        guard let result = primitive.init(jsonValue: value) as? T else { throw mismatch(type) }
        return result
    }

    /// The error for a value that does not fit: absent, of another type, or a number out of range.
    private func mismatch(_ type: any Any.Type) -> DecodingError {
        switch value {
        case .null:
            .valueNotFound(type, .init(codingPath: codingPath, debugDescription: "\(type) is needed, found null."))
        case .number(let number) where type is any Numeric.Type:
            .dataCorrupted(.init(codingPath: codingPath, debugDescription: "\(type) cannot hold \(number.text)."))
        default:
            .typeMismatch(type, .init(codingPath: codingPath, debugDescription: "\(type) is needed, found \(kind)."))
        }
    }

    private var kind: String {
        switch value {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let object) = value else { throw mismatch(JSONObject.self) }
        return KeyedDecodingContainer(KeyedContainer<Key>(object: object, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch([JSON].self) }
        return UnkeyedContainer(elements: elements, codingPath: codingPath)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        SingleValueContainer(decoder: self)
    }
}

extension ValueDecoder {
    // One generic `decode` serves every primitive requirement of the three protocols.

    struct KeyedContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let object: JSONObject
        let codingPath: [any CodingKey]

        var allKeys: [Key] { object.keys.compactMap { Key(stringValue: $0) } }

        func contains(_ key: Key) -> Bool {
            object.contains(key.stringValue)
        }

        func decodeNil(forKey key: Key) throws -> Bool {
            try decoder(for: key).value.isNull
        }

        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
            try decoder(for: key).decode(type)
        }

        func nestedContainer<NestedKey: CodingKey>(
            keyedBy type: NestedKey.Type,
            forKey key: Key
        ) throws -> KeyedDecodingContainer<NestedKey> {
            try decoder(for: key).container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try decoder(for: key).unkeyedContainer()
        }

        func superDecoder() throws -> any Decoder {
            try decoder(for: AnyCodingKey.super)
        }

        func superDecoder(forKey key: Key) throws -> any Decoder {
            try decoder(for: key)
        }

        private func decoder(for key: any CodingKey) throws -> ValueDecoder {
            guard let value = object[key.stringValue] else {
                throw DecodingError.keyNotFound(
                    key,
                    .init(codingPath: codingPath, debugDescription: "The member \"\(key.stringValue)\" is missing.")
                )
            }
            return ValueDecoder(value: value, codingPath: codingPath + [key])
        }
    }

    struct UnkeyedContainer: UnkeyedDecodingContainer {
        let elements: JSONArray
        let codingPath: [any CodingKey]
        private(set) var currentIndex = 0

        init(elements: JSONArray, codingPath: [any CodingKey]) {
            self.elements = elements
            self.codingPath = codingPath
        }

        var count: Int? { elements.count }
        var isAtEnd: Bool { currentIndex >= elements.count }

        mutating func decodeNil() throws -> Bool {
            guard try current(JSON.self).value.isNull else { return false }
            currentIndex += 1
            return true
        }

        mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
            try advance(type) { try $0.decode(type) }
        }

        mutating func nestedContainer<NestedKey: CodingKey>(
            keyedBy type: NestedKey.Type
        ) throws -> KeyedDecodingContainer<NestedKey> {
            try advance(JSONObject.self) { try $0.container(keyedBy: type) }
        }

        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            try advance([JSON].self) { try $0.unkeyedContainer() }
        }

        mutating func superDecoder() throws -> any Decoder {
            try advance(JSON.self) { $0 }
        }

        /// Reads the current element, and moves on only when that succeeds.
        private mutating func advance<Result>(
            _ type: any Any.Type,
            _ read: (ValueDecoder) throws -> Result
        ) throws -> Result {
            let result = try read(current(type))
            currentIndex += 1
            return result
        }

        private func current(_ type: any Any.Type) throws -> ValueDecoder {
            let path = codingPath + [AnyCodingKey(index: currentIndex)]
            guard !isAtEnd else {
                throw DecodingError.valueNotFound(
                    type,
                    .init(codingPath: path, debugDescription: "The array has only \(elements.count) elements.")
                )
            }
            return ValueDecoder(value: elements[currentIndex], codingPath: path)
        }
    }

    struct SingleValueContainer: SingleValueDecodingContainer {
        let decoder: ValueDecoder

        var codingPath: [any CodingKey] { decoder.codingPath }

        func decodeNil() -> Bool {
            decoder.value.isNull
        }

        func decode<T: Decodable>(_ type: T.Type) throws -> T {
            try decoder.decode(type)
        }
    }
}
