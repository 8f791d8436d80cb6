extension JSONParser {
    /// Reads a number (RFC 8259 §6); the cursor is on its first byte.
    ///
    /// Integers below 10^18 and decimals of up to fifteen digits take the fast path; the rest goes through
    /// ``DecimalValue``, which is exact.
    mutating func parseNumber() throws(JSONError) -> JSONNumber {
        let first = cursor
        let isNegative = byte(at: cursor) == UInt8(ascii: "-")
        if isNegative { cursor += 1 }

        var mantissa: UInt64 = 0
        let integerStart = cursor
        try readDigits(into: &mantissa, number: first)
        let integerDigits = cursor - integerStart
        guard integerDigits == 1 || byte(at: integerStart) != 0x30 else { throw .invalidNumber(offset: first - start) }

        let next = cursor < end ? byte(at: cursor) : 0
        if next != UInt8(ascii: "."), next | 0x20 != UInt8(ascii: "e") {
            if integerDigits <= 18, mantissa != 0 || !isNegative {
                return JSONNumber(isNegative ? -Int(mantissa) : Int(mantissa))
            }
            return try makeExactNumber(first)
        }

        var fractionDigits = 0
        if next == UInt8(ascii: ".") {
            cursor += 1
            let fractionStart = cursor
            try readDigits(into: &mantissa, number: first)
            fractionDigits = cursor - fractionStart
        }
        if cursor < end, byte(at: cursor) | 0x20 == UInt8(ascii: "e") {
            try readExponent(number: first)
            return try makeExactNumber(first)
        }
        guard integerDigits + fractionDigits <= 15, mantissa != 0 else {
            if let number = makeShortestDouble(first) { return number }
            return try makeExactNumber(first)
        }
        return Self.makeDecimal(mantissa: mantissa, fractionDigits: fractionDigits, isNegative: isNegative)
    }

    /// Reads one or more digits. The mantissa wraps when there are too many for it, which callers count.
    @inline(__always)
    private mutating func readDigits(into mantissa: inout UInt64, number: UnsafeRawPointer) throws(JSONError) {
        let digitsStart = cursor
        while cursor < end {
            let digit = byte(at: cursor) &- 0x30
            guard digit <= 9 else { break }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            cursor += 1
        }
        guard cursor > digitsStart else {
            throw cursor == end ? .unexpectedEnd(offset: offset) : .invalidNumber(offset: number - start)
        }
    }

    private mutating func readExponent(number: UnsafeRawPointer) throws(JSONError) {
        cursor += 1
        let sign = try peek()
        if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { cursor += 1 }
        var exponent: UInt64 = 0
        try readDigits(into: &exponent, number: number)
    }

    /// A decimal of at most fifteen digits. Mantissa and power of ten are exact doubles, so one division rounds right
    /// (Clinger), and fifteen digits always survive the way through a double.
    private static func makeDecimal(mantissa: UInt64, fractionDigits: Int, isNegative: Bool) -> JSONNumber {
        let magnitude = Double(mantissa) / powersOfTen[fractionDigits]
        let value = isNegative ? -magnitude : magnitude
        let whole = value.rounded(.towardZero)
        return JSONNumber(storage: whole == value ? .int(Int(whole)) : .double(value))
    }

    /// The double whose shortest form is this very text, as other programs print doubles of 16 and 17 digits. Texts
    /// that end in zero may be whole numbers, and have another representation.
    private func makeShortestDouble(_ first: UnsafeRawPointer) -> JSONNumber? {
        let count = cursor - first
        guard count <= 24, byte(at: cursor - 1) != 0x30 else { return nil }
        let text = String(decoding: UnsafeRawBufferPointer(start: first, count: count), as: UTF8.self)
        guard let value = Double(text), value.description == text else { return nil }
        return JSONNumber(storage: .double(value))
    }

    private func makeExactNumber(_ first: UnsafeRawPointer) throws(JSONError) -> JSONNumber {
        guard cursor - first <= limits.maxNumberBytes else {
            throw .numberTooLong(limit: limits.maxNumberBytes, offset: first - start)
        }
        let text = UnsafeRawBufferPointer(start: first, count: cursor - first)
        let decimal = DecimalValue(text)
        if decimal.isZero { return JSONNumber(storage: text[0] == UInt8(ascii: "-") ? .double(-0.0) : .int(0)) }
        guard abs(decimal.point) < 999_999_999 else { throw .numberOutOfRange(offset: first - start) }
        return JSONNumber(decimal)
    }
}

private let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
]
