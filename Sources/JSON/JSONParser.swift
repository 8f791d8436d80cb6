/// A recursive-descent parser over raw bytes (RFC 8259).
///
/// It works on pointers: a bounds check and an array access per byte would cost ten to thirty times the word-wise
/// scan of strings. Every read is guarded by a comparison with `end`, and nothing of the pointers outlives the call.
struct JSONParser: ~Copyable {
    let start: UnsafeRawPointer
    let end: UnsafeRawPointer
    let limits: JSONLimits
    var cursor: UnsafeRawPointer
    /// Unescaped bytes of the string being read; kept between strings for its capacity.
    var scratch: [UInt8] = []
    private var valueCount = 0
    /// What the open arrays and objects hold so far.
    private var elements = ElementStack<JSON>(capacity: 64)
    private var members = ElementStack<JSONObject.Member>(capacity: 64)
    private var keys = KeyCache()
    private var trace = KeyTrace()

    init(start: UnsafeRawPointer, end: UnsafeRawPointer, limits: JSONLimits) {
        self.start = start
        self.end = end
        self.limits = limits
        cursor = start
    }

    mutating func parseDocument() throws(JSONError) -> JSON {
        skipWhitespace()
        let value = try parseValue(depth: 0, slot: KeyTrace.document)
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

    private mutating func parseValue(depth: Int, slot: KeyTrace.Slot) throws(JSONError) -> JSON {
        valueCount += 1
        guard valueCount <= limits.maxValues else { throw .tooManyValues(limit: limits.maxValues, offset: offset) }
        switch try peek() {
        case UInt8(ascii: "\""):
            return .string(try parseString())
        case UInt8(ascii: "{"):
            return .object(try parseObject(depth: depth + 1, slot: slot))
        case UInt8(ascii: "["):
            return .array(try parseArray(depth: depth + 1, slot: slot))
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

    /// Moves past a literal of at least four bytes, of which the first is under the cursor.
    private mutating func expectLiteral(_ literal: StaticString) throws(JSONError) {
        let length = literal.utf8CodeUnitCount
        let expected = UnsafeRawPointer(literal.utf8Start)
        if end - cursor >= length {
            // The first is known, and the last four are all the others.
            let found = cursor.loadUnaligned(fromByteOffset: length - 4, as: UInt32.self)
            if found == expected.loadUnaligned(fromByteOffset: length - 4, as: UInt32.self) {
                cursor += length
                return
            }
        }
        for position in 0..<length {
            let found = try peek()
            guard found == byte(at: expected + position) else { throw .unexpectedByte(found, offset: offset) }
            cursor += 1
        }
    }

    private mutating func enter(depth: Int) throws(JSONError) {
        guard depth <= limits.maxDepth else { throw .tooDeep(limit: limits.maxDepth, offset: offset) }
        cursor += 1
        skipWhitespace()
    }

    private mutating func parseArray(depth: Int, slot: KeyTrace.Slot) throws(JSONError) -> JSONArray {
        try enter(depth: depth)
        if try peek() == UInt8(ascii: "]") {
            cursor += 1
            return JSONArray()
        }
        let mark = elements.count
        while true {
            elements.push(try parseValue(depth: depth, slot: slot))
            if try endsContainer(with: UInt8(ascii: "]")) { return JSONArray(elements.take(above: mark)) }
        }
    }

    private mutating func parseObject(depth: Int, slot: KeyTrace.Slot) throws(JSONError) -> JSONObject {
        try enter(depth: depth)
        if try peek() == UInt8(ascii: "}") {
            cursor += 1
            return JSONObject()
        }
        let mark = members.count
        var index = JSONObjectIndex()
        let place = trace.place(at: slot)
        // Whether the names so far are the first that are noted for this place.
        var followsTrace = true
        while true {
            let position = members.count - mark
            if followsTrace, let slot = trace.match(place: place, position: position, cursor, to: end) {
                let name = trace.entry(at: slot)
                cursor += name.pointee.count + 2
                let value = try parseMemberValue(depth: depth, slot: slot)
                members.push(JSONObject.Member(key: name.pointee.key, value: value, tag: name.pointee.tag))
            } else {
                let quote = cursor
                let (key, tag) = try parseKey()
                let isTaken = members.withElements(above: mark) {
                    index.position(of: key, tag: tag, members: $0) != nil
                }
                var slot: KeyTrace.Slot = nil
                if followsTrace, !isTaken {
                    slot = trace.note(key, tag: tag, from: quote, to: cursor, place: place, position: position)
                }
                followsTrace = slot != nil
                let value = try parseMemberValue(depth: depth, slot: slot)
                guard !isTaken else { throw .duplicateKey(key, offset: quote - start) }
                members.push(JSONObject.Member(key: key, value: value, tag: tag))
            }
            members.withElements(above: mark) { index.insertLast(of: $0) }
            if try endsContainer(with: UInt8(ascii: "}")) { break }
        }
        return JSONObject(members: members.take(above: mark), index: index)
    }

    /// Reads the colon behind a name and the value.
    @inline(__always)
    private mutating func parseMemberValue(depth: Int, slot: KeyTrace.Slot) throws(JSONError) -> JSON {
        skipWhitespace()
        let separator = try peek()
        guard separator == UInt8(ascii: ":") else { throw .unexpectedByte(separator, offset: offset) }
        cursor += 1
        skipWhitespace()
        return try parseValue(depth: depth, slot: slot)
    }

    private mutating func parseKey() throws(JSONError) -> (key: String, tag: UInt32) {
        let found = try peek()
        guard found == UInt8(ascii: "\"") else { throw .unexpectedByte(found, offset: offset) }
        let contents = cursor + 1
        let run = plainRun(from: contents, to: end)
        guard run.end < end, byte(at: run.end) == UInt8(ascii: "\"") else {
            let key = try parseString()
            return (key, key.withBytes(keyTag))
        }
        let bytes = UnsafeRawBufferPointer(start: contents, count: run.end - contents)
        let tag = keyTag(bytes)
        cursor = run.end + 1
        if let key = keys.find(bytes, tag: tag) { return (key, tag) }
        let key = try makeString(bytes, isASCII: run.isASCII, contents: contents)
        keys.insert(key, bytes, tag: tag)
        return (key, tag)
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
