/// Why bytes are not an acceptable JSON document. Every case carries the byte offset at fault.
public enum JSONError: Error, Equatable, Sendable {
    /// The text ends inside a value.
    case unexpectedEnd(offset: Int)
    /// A byte that the grammar does not allow here (RFC 8259 §2–§7).
    case unexpectedByte(UInt8, offset: Int)
    /// Something other than white space follows the value.
    case trailingContent(offset: Int)
    /// A number that breaks the grammar of RFC 8259 §6, such as `01` or `1.`.
    case invalidNumber(offset: Int)
    /// A number with more bytes than the limit.
    case numberTooLong(limit: Int, offset: Int)
    /// A number whose exponent is beyond ±999,999,999.
    case numberOutOfRange(offset: Int)
    /// A `\` sequence that RFC 8259 §7 does not define.
    case invalidEscape(offset: Int)
    /// A `\u` escape of half a surrogate pair (RFC 8259 §8.2, refused by RFC 7493 §2.1).
    case loneSurrogate(offset: Int)
    /// A control character in a string that is not escaped.
    case unescapedControlCharacter(UInt8, offset: Int)
    /// Bytes that are not UTF-8 (RFC 8259 §8.1, RFC 3629).
    case invalidUTF8(offset: Int)
    /// An object with two members of the same name (refused by RFC 7493 §2.3).
    case duplicateKey(String, offset: Int)
    /// Arrays and objects nested deeper than the limit.
    case tooDeep(limit: Int, offset: Int)
    /// A document with more bytes than the limit.
    case tooManyBytes(limit: Int, offset: Int)
    /// A string with more bytes than the limit.
    case stringTooLong(limit: Int, offset: Int)
    /// More values in one document than the limit.
    case tooManyValues(limit: Int, offset: Int)

    /// The byte offset of the fault from the start of the text.
    public var offset: Int {
        switch self {
        case .unexpectedEnd(let offset), .unexpectedByte(_, let offset), .trailingContent(let offset),
            .invalidNumber(let offset), .numberTooLong(_, let offset), .numberOutOfRange(let offset),
            .invalidEscape(let offset), .loneSurrogate(let offset), .unescapedControlCharacter(_, let offset),
            .invalidUTF8(let offset), .duplicateKey(_, let offset), .tooDeep(_, let offset),
            .tooManyBytes(_, let offset), .stringTooLong(_, let offset), .tooManyValues(_, let offset):
            offset
        }
    }
}

extension JSONError: CustomStringConvertible {
    /// One sentence that names the fault and where it is.
    public var description: String {
        "\(fault) at byte \(offset)."
    }

    private var fault: String {
        switch self {
        case .unexpectedEnd: "The JSON text ends too early"
        case .unexpectedByte(let byte, _): "Unexpected \(Self.name(of: byte))"
        case .trailingContent: "Unexpected content after the JSON value"
        case .invalidNumber: "Malformed number"
        case .numberTooLong(let limit, _): "A number is longer than \(limit) bytes"
        case .numberOutOfRange: "The exponent of a number is out of range"
        case .invalidEscape: "Invalid escape sequence in a string"
        case .loneSurrogate: "Unpaired surrogate escape in a string"
        case .unescapedControlCharacter(let byte, _): "Unescaped control character (\(Self.name(of: byte))) in a string"
        case .invalidUTF8: "Invalid UTF-8"
        case .duplicateKey(let key, _): "Duplicate member name \(JSON.string(String(key.prefix(64))).text)"
        case .tooDeep(let limit, _): "Nesting is deeper than \(limit) levels"
        case .tooManyBytes(let limit, _): "The JSON text is longer than \(limit) bytes"
        case .stringTooLong(let limit, _): "A string is longer than \(limit) bytes"
        case .tooManyValues(let limit, _): "The JSON text has more than \(limit) values"
        }
    }

    private static func name(of byte: UInt8) -> String {
        if (0x21...0x7E).contains(byte) { return "'\(Character(UnicodeScalar(byte)))'" }
        let digits = String(byte, radix: 16, uppercase: true)
        return "byte 0x\(digits.count == 1 ? "0" : "")\(digits)"
    }
}
