/// Writes values as compact JSON text, in stored order or in the canonical form of RFC 8785.
struct JSONSerializer {
    var bytes: [UInt8]
    let isCanonical: Bool

    mutating func write(_ value: JSON) {
        switch value {
        case .null: writeASCII("null")
        case .bool(true): writeASCII("true")
        case .bool(false): writeASCII("false")
        case .number(let number): isCanonical ? writeCanonical(number) : write(number)
        case .string(let string): write(string)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for position in elements.indices {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                write(elements[position])
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            if isCanonical { writeSorted(object.members) } else { write(object.members) }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private mutating func write(_ members: [JSONObject.Member]) {
        for position in members.indices {
            write(members[position], isFirst: position == 0)
        }
    }

    private mutating func writeSorted(_ members: [JSONObject.Member]) {
        let order = members.indices.sorted { members[$0].key.precedesInUTF16(members[$1].key) }
        for (place, position) in order.enumerated() {
            write(members[position], isFirst: place == 0)
        }
    }

    @inline(__always)
    private mutating func write(_ member: JSONObject.Member, isFirst: Bool) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        write(member.key)
        bytes.append(UInt8(ascii: ":"))
        write(member.value)
    }

    private mutating func writeASCII(_ literal: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    private mutating func write(_ number: JSONNumber) {
        switch number.storage {
        case .int(let value): write(value)
        case .double(let value):
            if value == 0 { writeASCII("-0") } else { write(value) }
        case .text(let text): bytes.append(contentsOf: text.utf8)
        }
    }

    /// RFC 8785 §3.2.2.3 prints every number as the nearest double. Whole numbers that no double holds, and numbers
    /// beyond doubles, are outside the data the RFC covers (§3.2.2.3, RFC 7493 §2.2); they keep all their digits, so
    /// that two of them never share one digest.
    private mutating func writeCanonical(_ number: JSONNumber) {
        switch number.storage {
        case .int(let value): write(value)
        case .double(let value): write(value)
        case .text(let text):
            let nearest = number.double
            if nearest.isFinite, !number.isInteger { write(nearest) } else { bytes.append(contentsOf: text.utf8) }
        }
    }

    private mutating func write(_ value: Int) {
        var magnitude = value.magnitude
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        guard magnitude > 9 else {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: magnitude))
            return
        }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var position = 20
            while magnitude > 0 {
                let (quotient, digit) = magnitude.quotientAndRemainder(dividingBy: 10)
                position -= 1
                digits[position] = 0x30 + UInt8(truncatingIfNeeded: digit)
                magnitude = quotient
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[position..<20]))
        }
    }

    private mutating func write(_ value: Double) {
        var text = value.description
        text.withUTF8 { ascii in
            // Swift and ECMAScript agree except on exponents and whole numbers.
            let isPlain = !ascii.contains(UInt8(ascii: "e")) && ascii.last != 0x30
            if isPlain {
                bytes.append(contentsOf: ascii)
            } else {
                DecimalValue(ascii).write(into: &bytes)
            }
        }
    }

    private mutating func write(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        string.withBytes { source in
            guard var runStart = source.baseAddress else { return }
            let end = runStart + source.count
            while true {
                let stop = endOfPlainText(from: runStart, to: end)
                bytes.append(contentsOf: UnsafeRawBufferPointer(start: runStart, count: stop - runStart))
                guard stop < end else { return }
                writeEscape(stop.load(as: UInt8.self))
                runStart = stop + 1
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The two-character escapes where they exist, `\u00xx` in lower case elsewhere (RFC 8785 §3.2.2.2).
    private mutating func writeEscape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        default:
            writeASCII("u00")
            bytes.append(0x30 + byte >> 4)
            bytes.append(byte & 15 < 10 ? 0x30 + byte & 15 : 0x57 + byte & 15)
        }
    }
}
