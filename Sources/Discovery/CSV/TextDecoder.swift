// Brings the bytes of an export to UTF-8 before they are split. Windows-1252 is not decided here: it is told row by
// row, because an export glued together from two systems may switch encoding in the middle.

/// Removes byte-order marks and turns UTF-16 into UTF-8, chunk by chunk.
struct TextDecoder {
    private enum Phase {
        case start
        case utf8
        case utf16(bigEndian: Bool)
    }

    private static let replacement: UInt32 = 0xFFFD

    private var phase = Phase.start
    private var head: [UInt8] = []
    private var oddByte: UInt8?
    private var highSurrogate: UInt32?
    private(set) var encoding = TextEncoding.utf8

    mutating func decode(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        switch phase {
        case .start:
            head.append(contentsOf: bytes)
            if head.count >= 3 { begin(into: &output) }
        case .utf8:
            output.append(contentsOf: bytes)
        case .utf16(let bigEndian):
            decode16(bytes, bigEndian: bigEndian, into: &output)
        }
    }

    mutating func finish(into output: inout [UInt8]) {
        if case .start = phase { begin(into: &output) }
        if oddByte != nil || highSurrogate != nil { Self.append(Self.replacement, to: &output) }
        oddByte = nil
        highSurrogate = nil
    }

    private mutating func begin(into output: inout [UInt8]) {
        let first = head
        head = []
        var markLength = 0
        if first.starts(with: [0xEF, 0xBB, 0xBF]) {
            phase = .utf8
            markLength = 3
        } else if first.starts(with: [0xFF, 0xFE]) {
            phase = .utf16(bigEndian: false)
            encoding = .utf16LittleEndian
            markLength = 2
        } else if first.starts(with: [0xFE, 0xFF]) {
            phase = .utf16(bigEndian: true)
            encoding = .utf16BigEndian
            markLength = 2
        } else {
            phase = .utf8
        }
        first.withUnsafeBytes { raw in
            decode(UnsafeRawBufferPointer(rebasing: raw[markLength...]), into: &output)
        }
    }

    private mutating func decode16(_ bytes: UnsafeRawBufferPointer, bigEndian: Bool, into output: inout [UInt8]) {
        for byte in bytes {
            guard let first = oddByte else {
                oddByte = byte
                continue
            }
            oddByte = nil
            let unit = bigEndian ? UInt32(first) << 8 | UInt32(byte) : UInt32(byte) << 8 | UInt32(first)
            accept(unit, into: &output)
        }
    }

    private mutating func accept(_ unit: UInt32, into output: inout [UInt8]) {
        if let high = highSurrogate {
            highSurrogate = nil
            if unit >= 0xDC00 && unit <= 0xDFFF {
                Self.append(0x10000 + (high - 0xD800) << 10 + (unit - 0xDC00), to: &output)
                return
            }
            Self.append(Self.replacement, to: &output)
        }
        switch unit {
        case 0xD800...0xDBFF: highSurrogate = unit
        case 0xDC00...0xDFFF: Self.append(Self.replacement, to: &output)
        default: Self.append(unit, to: &output)
        }
    }

    private static func append(_ value: UInt32, to output: inout [UInt8]) {
        if value < 0x80 {
            output.append(UInt8(truncatingIfNeeded: value))
        } else if let scalar = Unicode.Scalar(value) {
            output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }
}

/// Windows-1252 as the WHATWG Encoding Standard defines it: every byte has a character.
enum Windows1252 {
    /// The characters of 0x80…0x9F; the others equal Latin-1.
    private static let high: [UInt16] = [
        0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D,
        0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0x009D, 0x017E, 0x0178,
    ]

    static func decode(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        var result = ""
        result.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            let code = byte >= 0x80 && byte < 0xA0 ? UInt32(high[Int(byte) - 0x80]) : UInt32(byte)
            if let scalar = Unicode.Scalar(code) { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    /// The bytes of `text`, with `?` for what the encoding lacks.
    static func encode(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { scalar in
            if scalar.value < 0x80 || scalar.value >= 0xA0 && scalar.value <= 0xFF {
                UInt8(truncatingIfNeeded: scalar.value)
            } else if let index = high.firstIndex(where: { UInt32($0) == scalar.value }) {
                UInt8(truncatingIfNeeded: index + 0x80)
            } else {
                0x3F
            }
        }
    }
}
