extension JSONParser {
    /// Reads a string; the cursor is on its opening quote.
    mutating func parseString() throws(JSONError) -> String {
        cursor += 1
        let contents = cursor
        let run = plainRun(from: contents, to: end)
        cursor = run.end
        let stop = try peek()
        if stop == UInt8(ascii: "\"") {
            let bytes = UnsafeRawBufferPointer(start: contents, count: cursor - contents)
            cursor += 1
            return try makeString(bytes, isASCII: run.isASCII, contents: contents)
        }
        return try parseEscapedString(contents: contents)
    }

    private mutating func parseEscapedString(contents: UnsafeRawPointer) throws(JSONError) -> String {
        scratch.removeAll(keepingCapacity: true)
        var runStart = contents
        while true {
            let stop = try peek()
            scratch.append(contentsOf: UnsafeRawBufferPointer(start: runStart, count: cursor - runStart))
            switch stop {
            case UInt8(ascii: "\""):
                let finished = scratch
                cursor += 1
                return try finished.withUnsafeBufferPointer { (buffer) throws(JSONError) -> String in
                    try makeString(UnsafeRawBufferPointer(buffer), isASCII: false, contents: contents)
                }
            case UInt8(ascii: "\\"):
                try parseEscape()
            default:
                throw .unescapedControlCharacter(stop, offset: offset)
            }
            runStart = cursor
            cursor = endOfPlainText(from: cursor, to: end)
        }
    }

    /// Decodes the escape under the cursor into `scratch` (RFC 8259 §7).
    private mutating func parseEscape() throws(JSONError) {
        let escapeOffset = offset
        cursor += 1
        let selector = try peek()
        cursor += 1
        switch selector {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(selector)
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "n"): scratch.append(0x0A)
        case UInt8(ascii: "r"): scratch.append(0x0D)
        case UInt8(ascii: "t"): scratch.append(0x09)
        case UInt8(ascii: "u"): try parseUnicodeEscape(escapeOffset: escapeOffset)
        default: throw .invalidEscape(offset: escapeOffset)
        }
    }

    private mutating func parseUnicodeEscape(escapeOffset: Int) throws(JSONError) {
        var code = try parseFourHexDigits(escapeOffset: escapeOffset)
        if (0xD800..<0xE000).contains(code) {
            guard code < 0xDC00, end - cursor >= 2,
                byte(at: cursor) == UInt8(ascii: "\\"), byte(at: cursor + 1) == UInt8(ascii: "u")
            else { throw .loneSurrogate(offset: escapeOffset) }
            let lowOffset = offset
            cursor += 2
            let low = try parseFourHexDigits(escapeOffset: lowOffset)
            guard (0xDC00..<0xE000).contains(low) else { throw .loneSurrogate(offset: escapeOffset) }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = UnicodeScalar(code) else { throw .loneSurrogate(offset: escapeOffset) }
        scratch.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    private mutating func parseFourHexDigits(escapeOffset: Int) throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            let digit = try peek()
            switch digit {
            case 0x30...0x39: code = code << 4 | UInt32(digit - 0x30)
            case 0x41...0x46: code = code << 4 | UInt32(digit - 0x37)
            case 0x61...0x66: code = code << 4 | UInt32(digit - 0x57)
            default: throw .invalidEscape(offset: escapeOffset)
            }
            cursor += 1
        }
        return code
    }

    /// Makes the string and checks its length, and its encoding unless it is known to be ASCII. `contents` is where its text
    /// begins; the cursor is behind its closing quote.
    @inline(__always)
    func makeString(
        _ bytes: UnsafeRawBufferPointer,
        isASCII: Bool,
        contents: UnsafeRawPointer
    ) throws(JSONError) -> String {
        guard cursor - contents - 1 <= limits.maxStringBytes else {
            throw .stringTooLong(limit: limits.maxStringBytes, offset: contents - start)
        }
        if !isASCII, let position = firstInvalidByte(from: contents, to: cursor - 1) {
            throw .invalidUTF8(offset: position - start)
        }
        // Valid by now, so that nothing is repaired. `String(validating:as:)` is not specialised in the library, and
        // takes three times as long for the short strings documents consist of.
        return String(decoding: bytes.assumingMemoryBound(to: UInt8.self), as: UTF8.self)
    }

    /// Where the encoding breaks in the raw text of a string. Escapes are ASCII, so the raw text shows it.
    private func firstInvalidByte(from contents: UnsafeRawPointer, to end: UnsafeRawPointer) -> UnsafeRawPointer? {
        var position = contents
        while position < end {
            if end - position >= 8, isASCII(UnsafeRawBufferPointer(start: position, count: 8)) {
                position += 8
                continue
            }
            let length = Self.scalarLength(UnsafeRawBufferPointer(start: position, count: end - position))
            guard length > 0 else { return position }
            position += length
        }
        return nil
    }

    /// The length of the UTF-8 sequence at the beginning of the bytes, 0 when it is malformed (RFC 3629 §4).
    private static func scalarLength(_ bytes: UnsafeRawBufferPointer) -> Int {
        let (length, second): (Int, ClosedRange<UInt8>)
        switch bytes[0] {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard bytes.count >= length, second.contains(bytes[1]) else { return 0 }
        for offset in 2..<max(length, 2) where bytes[offset] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
