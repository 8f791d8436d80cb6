/// A JSON Pointer (RFC 6901): the way from the root of a document to one value.
public struct JSONPointer: Sendable {
    /// The unescaped reference tokens from the root down; empty for the whole document.
    public let tokens: [String]

    /// The pointer to the whole document, `""`.
    public static let root = JSONPointer(tokens: [])

    /// A pointer of these unescaped tokens.
    public init(tokens: [String]) {
        self.tokens = tokens
    }

    /// Reads the text form (RFC 6901 §3–§4), such as `/a~1b/0`.
    ///
    /// - Throws: ``JSONPointerError`` when it is not empty and does not begin with `/`, or when a `~` is not followed
    ///   by `0` or `1`.
    public init(_ text: String) throws(JSONPointerError) {
        guard !text.isEmpty else {
            tokens = []
            return
        }
        guard text.utf8.first == UInt8(ascii: "/") else { throw .missingSlash }
        var tokens: [String] = []
        var token: [UInt8] = []
        var isEscape = false
        for (offset, byte) in text.utf8.enumerated().dropFirst() {
            if isEscape {
                guard byte == 0x30 || byte == 0x31 else { throw .invalidEscape(offset: offset - 1) }
                token.append(byte == 0x30 ? UInt8(ascii: "~") : UInt8(ascii: "/"))
                isEscape = false
            } else if byte == UInt8(ascii: "~") {
                isEscape = true
            } else if byte == UInt8(ascii: "/") {
                tokens.append(String(decoding: token, as: UTF8.self))
                token.removeAll(keepingCapacity: true)
            } else {
                token.append(byte)
            }
        }
        guard !isEscape else { throw .invalidEscape(offset: text.utf8.count - 1) }
        tokens.append(String(decoding: token, as: UTF8.self))
        self.tokens = tokens
    }

    /// The text form, with `~` and `/` of tokens escaped.
    public var text: String {
        var bytes: [UInt8] = []
        for token in tokens {
            bytes.append(UInt8(ascii: "/"))
            for byte in token.utf8 {
                switch byte {
                case UInt8(ascii: "~"): bytes.append(contentsOf: [UInt8(ascii: "~"), 0x30])
                case UInt8(ascii: "/"): bytes.append(contentsOf: [UInt8(ascii: "~"), 0x31])
                default: bytes.append(byte)
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether it points to the whole document.
    public var isRoot: Bool { tokens.isEmpty }

    /// The pointer to a member of the value this one points to.
    public func appending(_ token: String) -> JSONPointer {
        JSONPointer(tokens: tokens + [token])
    }

    /// The pointer to an element of the array this one points to.
    public func appending(_ index: Int) -> JSONPointer {
        appending(String(index))
    }

    /// The pointer that goes this way first and then the other.
    public func appending(_ pointer: JSONPointer) -> JSONPointer {
        JSONPointer(tokens: tokens + pointer.tokens)
    }

    /// Whether this pointer leads to `other` or to something that holds it.
    public func isPrefix(of other: JSONPointer) -> Bool {
        tokens.count <= other.tokens.count
            && zip(tokens, other.tokens).allSatisfy { $0.hasSameBytes(as: $1) }
    }
}

extension JSONPointer: Hashable {
    /// Compares tokens byte by byte, as RFC 6901 §4 compares them to member names.
    public static func == (lhs: JSONPointer, rhs: JSONPointer) -> Bool {
        lhs.tokens.count == rhs.tokens.count && lhs.isPrefix(of: rhs)
    }

    /// Hashes the tokens.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(tokens.count)
        for token in tokens { token.hashBytes(into: &hasher) }
    }
}

extension JSONPointer: CustomStringConvertible {
    /// The text form.
    public var description: String { text }
}

/// Why a text is not a JSON Pointer.
public enum JSONPointerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is not empty and does not begin with `/`.
    case missingSlash
    /// A `~` at this byte offset is not followed by `0` or `1`.
    case invalidEscape(offset: Int)

    /// One sentence that names the fault.
    public var description: String {
        switch self {
        case .missingSlash: "A JSON Pointer must be empty or begin with '/'."
        case .invalidEscape(let offset): "The '~' at byte \(offset) must be followed by '0' or '1'."
        }
    }
}
