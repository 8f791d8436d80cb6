// A generator of messy CMDB exports, for the demo, the tests and the benchmarks. Same options, same bytes.

/// Writes a CMDB export as an untidy organisation would: mixed spellings, ragged rows, duplicates, personal data.
public struct DemoExport: Sendable {
    /// What the export is encoded in.
    public enum Encoding: String, Sendable, CaseIterable {
        /// UTF-8 without byte-order mark.
        case utf8 = "utf-8"
        /// UTF-8 with byte-order mark, as spreadsheets write it.
        case utf8WithMark = "utf-8-bom"
        /// Windows-1252.
        case windows1252 = "windows-1252"
        /// UTF-16 little-endian with byte-order mark.
        case utf16 = "utf-16"
    }

    /// Data rows to write; 0 or more.
    public var rows: Int
    /// Decides every value.
    public var seed: UInt64
    /// Between two fields.
    public var delimiter: CSVDialect.Delimiter
    /// The encoding of the bytes.
    public var encoding: Encoding

    /// An export with the given options.
    public init(
        rows: Int,
        seed: UInt64,
        delimiter: CSVDialect.Delimiter = .semicolon,
        encoding: Encoding = .windows1252
    ) {
        self.rows = max(0, rows)
        self.seed = seed
        self.delimiter = delimiter
        self.encoding = encoding
    }

    /// Hands the export to `sink` in pieces of about 64 KiB. Memory does not depend on the number of rows.
    public func write(_ sink: ([UInt8]) throws -> Void) rethrows {
        var text = encoding == .utf8WithMark || encoding == .utf16 ? "\u{FEFF}" : ""
        text += line(DemoRow.header)
        var generator = SplitMix64(seed: seed)
        var recent: [DemoRow] = []
        for number in 0..<rows {
            let row: DemoRow
            if generator.chance(4), !recent.isEmpty {
                row = recent[generator.below(recent.count)].seenAgain(&generator)
            } else {
                row = DemoRow(number: number + 1, &generator)
                if recent.count == 64 { recent.remove(at: 0) }
                recent.append(row)
            }
            text += line(ragged(row.fields(&generator), &generator))
            if generator.below(700) == 0 { text += "\r\n" }
            if text.utf8.count >= 1 << 16 {
                try sink(encode(text))
                text = ""
            }
        }
        if !text.isEmpty { try sink(encode(text)) }
    }

    /// The whole export. For large ones use ``write(_:)``.
    public func bytes() -> [UInt8] {
        var all: [UInt8] = []
        write { all += $0 }
        return all
    }

    private func ragged(_ fields: [String], _ generator: inout SplitMix64) -> [String] {
        switch generator.below(400) {
        case 0: Array(fields.dropLast(1 + generator.below(3)))
        case 1: fields + ["siehe Ticket \(1000 + generator.below(9000))"]
        default: fields
        }
    }

    private func line(_ fields: [String]) -> String {
        fields.map { field in
            let special = field.utf8.contains { $0 == delimiter.byte || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
            guard special else { return field }
            return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
                + "\""
        }
        .joined(separator: delimiter.rawValue) + "\r\n"
    }

    private func encode(_ text: String) -> [UInt8] {
        switch encoding {
        case .utf8, .utf8WithMark: Array(text.utf8)
        case .windows1252: Windows1252.encode(text)
        case .utf16: text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        }
    }
}
