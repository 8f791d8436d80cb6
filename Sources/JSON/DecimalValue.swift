/// A decimal number in normal form: `0.d₁d₂… × 10^point`, without leading or trailing zero digits.
///
/// It carries what doubles cannot: comparison, divisibility and layout of numbers of any length.
struct DecimalValue: Equatable, Sendable {
    var isNegative: Bool
    /// Digits 0…9, most significant first; empty for zero.
    var digits: [UInt8]
    /// Position of the decimal point relative to the first digit. ECMAScript calls it `n`.
    var point: Int

    var isZero: Bool { digits.isEmpty }

    var isInteger: Bool { point >= digits.count }

    /// Reads number text that is already known to be well formed: JSON numbers and what Swift prints for
    /// integers and finite doubles. Exponents saturate at ±10^9.
    init(_ ascii: some Sequence<UInt8>) {
        isNegative = false
        digits = []
        point = 0
        var exponent = 0
        var exponentIsNegative = false
        var seenPoint = false
        var seenExponent = false
        for byte in ascii {
            switch byte {
            case UInt8(ascii: "-"):
                if seenExponent { exponentIsNegative = true } else { isNegative = true }
            case UInt8(ascii: "."):
                seenPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                seenExponent = true
            case 0x30...0x39:
                if seenExponent {
                    exponent = min(exponent * 10 + Int(byte - 0x30), 1_000_000_000)
                } else {
                    append(digit: byte - 0x30, isFraction: seenPoint)
                }
            default:
                continue
            }
        }
        while digits.last == 0 { digits.removeLast() }
        if digits.isEmpty {
            isNegative = false
            point = 0
        } else {
            point += exponentIsNegative ? -exponent : exponent
        }
    }

    init(ascii: String) {
        self.init(ascii.utf8)
    }

    /// The shortest decimal that reads back as this finite double.
    init(_ value: Double) {
        self.init(value.description.utf8)
    }

    private mutating func append(digit: UInt8, isFraction: Bool) {
        if digits.isEmpty && digit == 0 {
            if isFraction { point -= 1 }
            return
        }
        digits.append(digit)
        if !isFraction { point += 1 }
    }

    /// The value when it is an integer of 64 bits.
    var int: Int? {
        guard isInteger, point <= 19 else { return nil }
        var value = 0
        for position in 0..<point {
            let digit = position < digits.count ? Int(digits[position]) : 0
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            // Counting downwards for negatives reaches Int.min, which has no positive twin.
            let (sum, overflowToo) =
                isNegative ? scaled.subtractingReportingOverflow(digit) : scaled.addingReportingOverflow(digit)
            if overflow || overflowToo { return nil }
            value = sum
        }
        return value
    }

    /// The text as ECMAScript lays out a number (ECMA-262 Number::toString, quoted by RFC 8785 §3.2.2.3).
    var text: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func write(into bytes: inout [UInt8]) {
        guard !isZero else {
            bytes.append(0x30)
            return
        }
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        switch point {
        case 1...21 where point >= digits.count:
            append(digits[...], to: &bytes)
            bytes.append(contentsOf: repeatElement(0x30, count: point - digits.count))
        case 1...21:
            append(digits[..<point], to: &bytes)
            bytes.append(UInt8(ascii: "."))
            append(digits[point...], to: &bytes)
        case -5...0:
            bytes.append(0x30)
            bytes.append(UInt8(ascii: "."))
            bytes.append(contentsOf: repeatElement(0x30, count: -point))
            append(digits[...], to: &bytes)
        default:
            append(digits[..<1], to: &bytes)
            if digits.count > 1 {
                bytes.append(UInt8(ascii: "."))
                append(digits[1...], to: &bytes)
            }
            bytes.append(UInt8(ascii: "e"))
            bytes.append(point > 0 ? UInt8(ascii: "+") : UInt8(ascii: "-"))
            bytes.append(contentsOf: String((point - 1).magnitude).utf8)
        }
    }

    private func append(_ part: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        for digit in part { bytes.append(0x30 + digit) }
    }
}

extension DecimalValue: Comparable {
    static func < (lhs: DecimalValue, rhs: DecimalValue) -> Bool {
        guard lhs.isNegative == rhs.isNegative else { return lhs.isNegative }
        return lhs.isNegative ? rhs.hasSmallerMagnitude(than: lhs) : lhs.hasSmallerMagnitude(than: rhs)
    }

    private func hasSmallerMagnitude(than other: DecimalValue) -> Bool {
        if isZero || other.isZero { return isZero && !other.isZero }
        if point != other.point { return point < other.point }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}
