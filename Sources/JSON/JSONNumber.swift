/// A JSON number: an exact decimal value.
///
/// Integers of 64 bits and doubles are held as such. Anything they would change (`9223372036854775808`,
/// `0.10000000000000000001`, `1e400`) is held as normalised text. A double stands for its shortest decimal form, so
/// that `JSONNumber(0.1)` equals the parsed text `0.1`. Two numbers are equal when their decimal values are.
public struct JSONNumber: Sendable {
    /// One representation per value, so that equality is equality of representations:
    /// `int` for every integer of 64 bits, `double` for every other value that is the shortest decimal of a
    /// double (and for -0.0), `text` in the layout of ``DecimalValue`` for the rest.
    enum Storage: Sendable {
        case int(Int)
        case double(Double)
        case text(String)
    }

    let storage: Storage

    init(storage: Storage) {
        self.storage = storage
    }

    /// A number from an integer.
    public init(_ value: Int) {
        storage = .int(value)
    }

    /// A number from an unsigned integer, exact over the whole range.
    public init(_ value: UInt64) {
        if let value = Int(exactly: value) {
            self.init(storage: .int(value))
        } else {
            self.init(DecimalValue(ascii: String(value)))
        }
    }

    /// A number from a double; `nil` when it is infinite or not a number, which JSON cannot express.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        if value.magnitude > Self.exactIntegerLimit {
            self.init(storage: DecimalValue(value).int.map(Storage.int) ?? .double(value))
        } else if value == value.rounded(.towardZero), value != 0 || value.sign == .plus {
            self.init(storage: .int(Int(value)))
        } else {
            self.init(storage: .double(value))
        }
    }

    /// A number from JSON text (RFC 8259 §6); `nil` when the text breaks the grammar, is longer than
    /// 1,024 bytes, or has an exponent beyond ±999,999,999.
    public init?(text: String) {
        let parsed = text.withBytes { bytes -> JSONNumber? in
            guard let first = bytes.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else {
                return nil
            }
            guard
                case .success(.number(let number)) = Result(catching: { () throws(JSONError) in try JSON.parse(bytes) }),
                let last = bytes.last, (0x30...0x39).contains(last)
            else { return nil }
            return number
        }
        guard let parsed else { return nil }
        self = parsed
    }

    /// The number of a decimal value, in its one representation.
    init(_ decimal: DecimalValue) {
        if let int = decimal.int {
            storage = .int(int)
            return
        }
        let text = decimal.text
        if let double = Double(text), double.isFinite, DecimalValue(double) == decimal {
            storage = .double(double)
        } else {
            storage = .text(text)
        }
    }

    /// Integers up to this magnitude (2^53) are the same as doubles and as decimal text.
    static let exactIntegerLimit = 9_007_199_254_740_992.0

    /// The value when it is an integer of 64 bits, however it was written (`1`, `1.0`, `1e0`).
    public var int: Int? {
        switch storage {
        case .int(let value): value
        case .double(let value): value == 0 ? 0 : nil
        case .text: nil
        }
    }

    /// The value when it is an unsigned integer of 64 bits.
    public var uint64: UInt64? {
        switch storage {
        case .int(let value): UInt64(exactly: value)
        case .double(let value): value == 0 ? 0 : UInt64(text)
        case .text(let text): UInt64(text)
        }
    }

    /// The nearest double; infinite when the number is beyond the range of doubles.
    public var double: Double {
        switch storage {
        case .int(let value): Double(value)
        case .double(let value): value
        case .text(let text): Double(text) ?? .nan
        }
    }

    /// The bytes of ``text``.
    var textSize: Int {
        switch storage {
        case .int(let value):
            var (size, rest) = (value < 0 ? 2 : 1, value.magnitude / 10)
            while rest > 0 { (size, rest) = (size + 1, rest / 10) }
            return size
        case .double(let value):
            let description = value.description
            // Swift and ECMAScript agree except on exponents and whole numbers.
            let isPlain = !description.utf8.contains(UInt8(ascii: "e")) && description.utf8.last != UInt8(ascii: "0")
            return isPlain ? description.utf8.count : text.utf8.count
        case .text(let text):
            return text.utf8.count
        }
    }

    /// The number as JSON text, laid out as ECMAScript would, with every digit it was given that matters.
    public var text: String {
        switch storage {
        case .int(let value): String(value)
        case .double(let value): value == 0 ? "-0" : DecimalValue(value).text
        case .text(let text): text
        }
    }

    /// Whether the number is a whole number, of any size (`1.0` and `1e400` are).
    public var isInteger: Bool {
        switch storage {
        case .int: true
        case .double, .text: decimal.isInteger
        }
    }

    /// The exact decimal value.
    var decimal: DecimalValue {
        switch storage {
        case .int(let value): DecimalValue(ascii: String(value))
        case .double(let value): DecimalValue(value)
        case .text(let text): DecimalValue(ascii: text)
        }
    }
}

extension JSONNumber: Hashable {
    /// Compares decimal values: `1` equals `1.0`, and `0` equals `-0`.
    public static func == (lhs: JSONNumber, rhs: JSONNumber) -> Bool {
        switch (lhs.storage, rhs.storage) {
        case (.int(let left), .int(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        case (.text(let left), .text(let right)): left.hasSameBytes(as: right)
        case (.int(0), .double(let other)), (.double(let other), .int(0)): other == 0
        default: false
        }
    }

    /// Hashes the decimal value.
    public func hash(into hasher: inout Hasher) {
        switch storage {
        case .int(let value): hasher.combine(value)
        case .double(let value):
            if value == 0 { hasher.combine(0 as Int) } else { hasher.combine(value) }
        case .text(let text): text.hashBytes(into: &hasher)
        }
    }
}

extension JSONNumber: Comparable {
    /// Orders by exact decimal value.
    public static func < (lhs: JSONNumber, rhs: JSONNumber) -> Bool {
        if case (.int(let left), .int(let right)) = (lhs.storage, rhs.storage) { return left < right }
        // Rounding to doubles keeps the order, so only a tie needs the digits.
        let (left, right) = (lhs.double, rhs.double)
        if left != right { return left < right }
        return lhs.decimal < rhs.decimal
    }
}

extension JSONNumber: CustomStringConvertible {
    /// The JSON text.
    public var description: String { text }
}
