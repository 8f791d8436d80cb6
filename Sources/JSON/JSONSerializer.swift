/// Writes values as compact JSON text, in stored order or in the canonical form of RFC 8785.
struct JSONSerializer: ~Copyable {
    private(set) var bytes = ByteWriter(capacity: 1024)
    private let isCanonical: Bool

    init(isCanonical: Bool) {
        self.isCanonical = isCanonical
    }

    mutating func write(_ value: JSON) {
        switch value {
        case .null: writeASCII("null")
        case .bool(true): writeASCII("true")
        case .bool(false): writeASCII("false")
        case .number(let number): isCanonical ? writeCanonical(number) : write(number)
        case .string(let string): write(string)
        case .array(let elements):
            bytes.put(UInt8(ascii: "["))
            var isFirst = true
            elements.elements.forEachBuffer { elements in
                let elements = elements.inPlace
                for position in elements.indices {
                    if !isFirst { bytes.put(UInt8(ascii: ",")) }
                    isFirst = false
                    write(elements[position])
                }
                return true
            }
            bytes.put(UInt8(ascii: "]"))
        case .object(let object):
            bytes.put(UInt8(ascii: "{"))
            if isCanonical {
                object.members.flattened.withUnsafeBufferPointer { writeSorted($0) }
            } else {
                write(object.members)
            }
            bytes.put(UInt8(ascii: "}"))
        }
    }

    private mutating func write(_ members: ChunkedArray<JSONObject.Member>) {
        var isFirst = true
        members.forEachBuffer { members in
            let members = members.inPlace
            for position in members.indices {
                write(members[position], isFirst: isFirst)
                isFirst = false
            }
            return true
        }
    }

    private mutating func writeSorted(_ members: UnsafeBufferPointer<JSONObject.Member>) {
        withUnsafeTemporaryAllocation(of: KeyOrder.Place.self, capacity: members.count) { places in
            KeyOrder.sort(members, into: places)
            let members = members.inPlace
            for place in places.indices {
                write(members[places[place].position], isFirst: place == 0)
            }
        }
    }

    @inline(__always)
    private mutating func write(_ member: borrowing InPlace<JSONObject.Member>, isFirst: Bool) {
        if !isFirst { bytes.put(UInt8(ascii: ",")) }
        write(member.value.key)
        bytes.put(UInt8(ascii: ":"))
        write(member.value.value)
    }

    private mutating func write(_ element: borrowing InPlace<JSON>) {
        write(element.value)
    }

    private mutating func writeASCII(_ literal: StaticString) {
        bytes.put(literal.utf8Start, count: literal.utf8CodeUnitCount)
    }

    private mutating func write(_ number: JSONNumber) {
        switch number.storage {
        case .int(let value): write(value)
        case .double(let value):
            if value == 0 { writeASCII("-0") } else { write(value) }
        case .text(let text): bytes.put(text.utf8)
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
            if nearest.isFinite, !number.isInteger { write(nearest) } else { bytes.put(text.utf8) }
        }
    }

    private mutating func write(_ value: Int) {
        if value < 0 { bytes.put(UInt8(ascii: "-")) }
        write(value.magnitude)
    }

    @inline(__always)
    private mutating func write(_ value: UInt) {
        bytes.reserve(20)
        guard value > 9 else { return bytes.putReserved(0x30 + UInt8(truncatingIfNeeded: value)) }
        var digitCount = 1
        var bound: UInt = 10
        while value >= bound {
            digitCount += 1
            if digitCount == 20 { break }
            bound *= 10
        }
        bytes.putReservedDigits(value, count: digitCount)
    }

    private mutating func write(_ value: Double) {
        if writeShortFraction(value) { return }
        value.description.withBytes { ascii in
            // Swift and ECMAScript agree except on exponents and whole numbers.
            let isPlain = !ascii.contains(UInt8(ascii: "e")) && ascii.last != 0x30
            if isPlain, let start = ascii.baseAddress {
                bytes.put(start, count: ascii.count)
            } else {
                var text: [UInt8] = []
                DecimalValue(ascii).write(into: &text)
                bytes.put(text)
            }
        }
    }

    /// Writes a number with one to four digits behind the point and fifteen in all; `false` when it has none or more.
    ///
    /// Digits and power of ten are exact doubles, so the one division rounds right (Clinger). No two decimals of up to
    /// fifteen digits are the same double, so the one that divides to the value is its shortest.
    private mutating func writeShortFraction(_ value: Double) -> Bool {
        let magnitude = value.magnitude
        guard magnitude < 1e11, Double(UInt(magnitude)) != magnitude else { return false }
        var (scale, power) = (10.0, 10 as UInt)
        for fractionDigits in 1...4 {
            let digits = UInt(magnitude * scale + 0.5)
            if Double(digits) / scale == magnitude {
                if value < 0 { bytes.put(UInt8(ascii: "-")) }
                write(digits / power)
                bytes.reserve(5)
                bytes.putReserved(UInt8(ascii: "."))
                bytes.putReservedDigits(digits % power, count: fractionDigits)
                return true
            }
            scale *= 10
            power *= 10
        }
        return false
    }

    private mutating func write(_ string: String) {
        string.withBytes { source in
            bytes.reserve(source.count + 2)
            bytes.putReserved(UInt8(ascii: "\""))
            if let start = source.baseAddress, !bytes.putIfPlain(start, count: source.count) {
                writeEscaped(from: start, to: start + source.count)
            }
            bytes.putReserved(UInt8(ascii: "\""))
        }
    }

    /// Writes the contents of a string with escapes, and leaves room for its closing quote.
    private mutating func writeEscaped(from start: UnsafeRawPointer, to end: UnsafeRawPointer) {
        var position = start
        while true {
            let stop = endOfPlainText(from: position, to: end)
            bytes.put(position, count: stop - position)
            guard stop < end else { break }
            writeEscape(stop.load(as: UInt8.self))
            position = stop + 1
        }
        bytes.reserve(1)
    }

    /// The two-character escapes where they exist, `\u00xx` in lower case elsewhere (RFC 8785 §3.2.2.2).
    private mutating func writeEscape(_ byte: UInt8) {
        bytes.put(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.put(UInt8(ascii: "b"))
        case 0x09: bytes.put(UInt8(ascii: "t"))
        case 0x0A: bytes.put(UInt8(ascii: "n"))
        case 0x0C: bytes.put(UInt8(ascii: "f"))
        case 0x0D: bytes.put(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.put(byte)
        default:
            writeASCII("u00")
            bytes.put(0x30 + byte >> 4)
            bytes.put(byte & 15 < 10 ? 0x30 + byte & 15 : 0x57 + byte & 15)
        }
    }
}
