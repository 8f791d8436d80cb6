// How an export is written: delimiter, quote, escape, and the text encoding behind the bytes.

/// How the fields of a delimiter-separated file are told apart.
public struct CSVDialect: Sendable, Hashable, Codable {
    /// The byte between two fields.
    public enum Delimiter: String, Sendable, Hashable, Codable, CaseIterable {
        /// `,`, as in RFC 4180.
        case comma = ","
        /// `;`, as spreadsheets write where the comma is the decimal sign.
        case semicolon = ";"
        /// A horizontal tab.
        case tab = "\t"
        /// `|`
        case pipe = "|"

        /// The delimiter's ASCII code.
        public var byte: UInt8 { rawValue.utf8.first ?? 0x2C }
    }

    /// The byte around a field that may hold delimiters and line breaks.
    public enum Quote: String, Sendable, Hashable, Codable, CaseIterable {
        /// `"`, as in RFC 4180.
        case double = "\""
        /// `'`
        case single = "'"

        /// The quote's ASCII code.
        public var byte: UInt8 { rawValue.utf8.first ?? 0x22 }
    }

    /// How a quote is written inside a quoted field. A doubled quote is understood in both.
    public enum Escape: String, Sendable, Hashable, Codable, CaseIterable {
        /// `""` (RFC 4180 §2.7).
        case doubled
        /// `\"`, and `\\` for a backslash.
        case backslash
    }

    /// Between two fields.
    public var delimiter: Delimiter
    /// Around a field.
    public var quote: Quote
    /// Inside a quoted field.
    public var escape: Escape

    /// A dialect; the defaults are those of RFC 4180.
    public init(delimiter: Delimiter = .comma, quote: Quote = .double, escape: Escape = .doubled) {
        self.delimiter = delimiter
        self.quote = quote
        self.escape = escape
    }
}

/// The encoding an export turned out to be written in.
public enum TextEncoding: String, Sendable, Hashable, Codable, CaseIterable {
    /// UTF-8, with or without byte-order mark.
    case utf8 = "utf-8"
    /// UTF-16 little-endian, told by its byte-order mark.
    case utf16LittleEndian = "utf-16le"
    /// UTF-16 big-endian, told by its byte-order mark.
    case utf16BigEndian = "utf-16be"
    /// Windows-1252, of which Latin-1 text is a part: at least one row was not valid UTF-8.
    case windows1252 = "windows-1252"
}
