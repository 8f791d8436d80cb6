extension JSON {
    /// Encodes a value as JSON. Integers stay exact; a double that is not finite is an `EncodingError`; no type is
    /// special but ``JSON``, ``JSONObject`` and ``JSONNumber``, which stand for themselves.
    public init(encoding value: some Encodable) throws {
        self = try EncodingNode.make(value, codingPath: []).json
    }

    /// Decodes a value from this JSON. A number that the asked type cannot hold exactly is a `DecodingError`, except
    /// that a decimal becomes the nearest floating-point number.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        try ValueDecoder(value: self, codingPath: []).decode(type)
    }
}

extension JSON: Codable {
    /// Takes the value over from this target's decoder, or rebuilds it from what another decoder offers.
    public init(from decoder: any Decoder) throws {
        if let decoder = decoder as? ValueDecoder {
            self = decoder.value
        } else if let container = try? decoder.container(keyedBy: AnyCodingKey.self) {
            var object = JSONObject()
            for key in container.allKeys { object[key.stringValue] = try container.decode(JSON.self, forKey: key) }
            self = .object(object)
        } else if var container = try? decoder.unkeyedContainer() {
            var elements: [JSON] = []
            while !container.isAtEnd { elements.append(try container.decode(JSON.self)) }
            self = .array(elements)
        } else {
            try self.init(scalarFrom: decoder.singleValueContainer())
        }
    }

    private init(scalarFrom container: any SingleValueDecodingContainer) throws {
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = JSON(value)
        } else if let number = (try? container.decode(Double.self)).flatMap({ JSONNumber($0) }) {
            self = .number(number)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    /// Hands the value over to this target's encoder, or spells it out for another.
    public func encode(to encoder: any Encoder) throws {
        if let encoder = encoder as? ValueEncoder {
            encoder.node.content = .value(self)
            return
        }
        switch self {
        case .object(let object):
            var container = encoder.container(keyedBy: AnyCodingKey.self)
            for (key, value) in object { try container.encode(value, forKey: AnyCodingKey(key)) }
        case .array(let elements):
            var container = encoder.unkeyedContainer()
            for element in elements { try container.encode(element) }
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .string(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .number(let number):
            var container = encoder.singleValueContainer()
            if let value = number.int { try container.encode(value) } else { try container.encode(number.double) }
        }
    }
}

extension JSONObject: Codable {
    /// Decodes an object.
    public init(from decoder: any Decoder) throws {
        guard case .object(let object) = try JSON(from: decoder) else {
            throw DecodingError.typeMismatch(
                JSONObject.self,
                .init(codingPath: decoder.codingPath, debugDescription: "An object is needed.")
            )
        }
        self = object
    }

    /// Encodes the object.
    public func encode(to encoder: any Encoder) throws {
        try JSON.object(self).encode(to: encoder)
    }
}

extension JSONNumber: Codable {
    /// Decodes a number.
    public init(from decoder: any Decoder) throws {
        guard case .number(let number) = try JSON(from: decoder) else {
            throw DecodingError.typeMismatch(
                JSONNumber.self,
                .init(codingPath: decoder.codingPath, debugDescription: "A number is needed.")
            )
        }
        self = number
    }

    /// Encodes the number.
    public func encode(to encoder: any Encoder) throws {
        try JSON.number(self).encode(to: encoder)
    }
}

/// A coding key of any text or index.
struct AnyCodingKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ text: String) {
        stringValue = text
        intValue = nil
    }

    init(index: Int) {
        stringValue = "Index \(index)"
        intValue = index
    }

    init?(stringValue: String) {
        self.init(stringValue)
    }

    init?(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }

    /// The key Swift's own coders use for the part of a class that belongs to its superclass.
    static let `super` = AnyCodingKey("super")
}
