/// A recursive-descent parser over raw bytes (RFC 8259).
///
/// It works on pointers: a bounds check and an array access per byte would cost ten to thirty times the word-wise
/// scan of strings. Every read is guarded by a comparison with `end`, and nothing of the pointers outlives the call.
struct JSONParser {
    let start: UnsafeRawPointer
    let end: UnsafeRawPointer
    let limits: JSONLimits
    var cursor: UnsafeRawPointer
    /// Unescaped bytes of the string being read; kept between strings for its capacity.
    var scratch: [UInt8] = []
    private var valueCount = 0

    init(start: UnsafeRawPointer, end: UnsafeRawPointer, limits: JSONLimits) {
        self.start = start
        self.end = end
        self.limits = limits
        cursor = start
    }

    mutating func parseDocument() throws(JSONError) -> JSON {
        skipWhitespace()
        let value = try parseValue(depth: 0)
        skipWhitespace()
        guard cursor == end else { throw .trailingContent(offset: offset) }
        return value
    }

    var offset: Int { cursor - start }

    @inline(__always)
    func byte(at pointer: UnsafeRawPointer) -> UInt8 {
        pointer.load(as: UInt8.self)
    }

    /// The byte under the cursor.
    @inline(__always)
    func peek() throws(JSONError) -> UInt8 {
        guard cursor < end else { throw .unexpectedEnd(offset: offset) }
        return byte(at: cursor)
    }

    @inline(__always)
    mutating func skipWhitespace() {
        while cursor < end {
            let byte = byte(at: cursor)
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            cursor += 1
        }
    }

    private mutating func parseValue(depth: Int) throws(JSONError) -> JSON {
        valueCount += 1
        guard valueCount <= limits.maxValues else { throw .tooManyValues(limit: limits.maxValues, offset: offset) }
        switch try peek() {
        case UInt8(ascii: "\""):
            return .string(try parseString())
        case UInt8(ascii: "{"):
            return .object(try parseObject(depth: depth + 1))
        case UInt8(ascii: "["):
            return .array(try parseArray(depth: depth + 1))
        case UInt8(ascii: "-"), 0x30...0x39:
            return .number(try parseNumber())
        case UInt8(ascii: "t"):
            try expectLiteral("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try expectLiteral("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try expectLiteral("null")
            return .null
        case let other:
            throw .unexpectedByte(other, offset: offset)
        }
    }

    private mutating func expectLiteral(_ literal: StaticString) throws(JSONError) {
        for position in 0..<literal.utf8CodeUnitCount {
            let found = try peek()
            guard found == literal.utf8Start[position] else { throw .unexpectedByte(found, offset: offset) }
            cursor += 1
        }
    }

    private mutating func enter(depth: Int) throws(JSONError) {
        guard depth <= limits.maxDepth else { throw .tooDeep(limit: limits.maxDepth, offset: offset) }
        cursor += 1
        skipWhitespace()
    }

    private mutating func parseArray(depth: Int) throws(JSONError) -> [JSON] {
        try enter(depth: depth)
        var elements: [JSON] = []
        if try peek() == UInt8(ascii: "]") {
            cursor += 1
            return elements
        }
        while true {
            elements.append(try parseValue(depth: depth))
            if try endsContainer(with: UInt8(ascii: "]")) { return elements }
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONError) -> JSONObject {
        try enter(depth: depth)
        var object = JSONObject()
        if try peek() == UInt8(ascii: "}") {
            cursor += 1
            return object
        }
        // Most objects have a few members; one allocation instead of three pays more than the spare room costs.
        object.reserveCapacity(4)
        while true {
            let keyOffset = offset
            let found = try peek()
            guard found == UInt8(ascii: "\"") else { throw .unexpectedByte(found, offset: offset) }
            let key = try parseString()
            skipWhitespace()
            let separator = try peek()
            guard separator == UInt8(ascii: ":") else { throw .unexpectedByte(separator, offset: offset) }
            cursor += 1
            skipWhitespace()
            let value = try parseValue(depth: depth)
            guard object.appendUnique(key: key, value: value, tag: key.withBytes(keyTag)) else {
                throw .duplicateKey(key, offset: keyOffset)
            }
            if try endsContainer(with: UInt8(ascii: "}")) { return object }
        }
    }

    /// Moves past the closing bracket (`true`), or past a comma to the next element (`false`).
    @inline(__always)
    private mutating func endsContainer(with closing: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        let found = try peek()
        guard found == closing || found == UInt8(ascii: ",") else { throw .unexpectedByte(found, offset: offset) }
        cursor += 1
        if found == closing { return true }
        skipWhitespace()
        return false
    }
}
