import Discovery
import Foundation
import Testing

@Suite("CSV reader")
struct CSVReaderTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let columns: [String]
        let rows: [[String]]
        var testDescription: String { name }
    }

    static let examples: [Example] = [
        Example(
            name: "comma",
            text: "host,ip\na,1.2.3.4\nb,1.2.3.5\n",
            columns: ["host", "ip"],
            rows: [["a", "1.2.3.4"], ["b", "1.2.3.5"]]
        ),
        Example(name: "no final line break", text: "host;ip\r\na;b", columns: ["host", "ip"], rows: [["a", "b"]]),
        Example(
            name: "old Mac line ends",
            text: "host\tip\ra\tb\rc\td\r",
            columns: ["host", "ip"],
            rows: [["a", "b"], ["c", "d"]]
        ),
        Example(name: "pipe", text: "host|note\na|x, y; z\n", columns: ["host", "note"], rows: [["a", "x, y; z"]]),
        Example(
            name: "quotes, delimiters and line breaks in quotes",
            text: "host,note\n\"a\"\"b\",\"x,\r\ny\"\n",
            columns: ["host", "note"],
            rows: [["a\"b", "x,\r\ny"]]
        ),
        Example(
            name: "single quotes",
            text: "'host';'note'\n'a';'it''s; fine'\n'b';'c'\n",
            columns: ["host", "note"],
            rows: [["a", "it's; fine"], ["b", "c"]]
        ),
        Example(
            name: "backslash escapes",
            text: "host,note\n\"a\",\"say \\\"hi, you\\\" to C:\\x\"\n\"b\",\"c\\\\d\"\n",
            columns: ["host", "note"],
            rows: [["a", "say \"hi, you\" to C:\\x"], ["b", "c\\d"]]
        ),
        Example(
            name: "declared separator",
            text: "sep=|\r\nhost|ip\r\na|b,c,d\r\n",
            columns: ["host", "ip"],
            rows: [["a", "b,c,d"]]
        ),
        Example(name: "byte-order mark", text: "\u{FEFF}host,ip\na,b\n", columns: ["host", "ip"], rows: [["a", "b"]]),
        Example(name: "empty lines", text: "host,ip\n\n\r\na,b\n\n", columns: ["host", "ip"], rows: [["a", "b"]]),
        Example(name: "empty quoted field is a row", text: "host\n\"\"\nb\n", columns: ["host"], rows: [[""], ["b"]]),
        Example(
            name: "quote inside a bare field",
            text: "host,size\nrack,19\" unit\n",
            columns: ["host", "size"],
            rows: [["rack", "19\" unit"]]
        ),
        Example(
            name: "duplicate and empty names",
            text: "host,Host,,host_2\na,b,c,d\n",
            columns: ["host", "Host_3", "column_3", "host_2"],
            rows: [["a", "b", "c", "d"]]
        ),
        Example(
            name: "no header",
            text: "srv1,10.0.0.1\nsrv2,10.0.0.2\n",
            columns: ["column_1", "column_2"],
            rows: [["srv1", "10.0.0.1"], ["srv2", "10.0.0.2"]]
        ),
        Example(
            name: "decimal commas do not win",
            text: "name;x;y\na;1,5;2,5\nb;3,5;4,5\nc;5,5;1,5\n",
            columns: ["name", "x", "y"],
            rows: [["a", "1,5", "2,5"], ["b", "3,5", "4,5"], ["c", "5,5", "1,5"]]
        ),
    ]

    @Test(arguments: examples)
    func readsEveryDialectInEveryChunking(_ example: Example) throws {
        let bytes = Array(example.text.utf8)
        let whole = try read(bytes)
        #expect(whole.columns == example.columns)
        #expect(whole.values == example.rows)
        for size in [1, 2, 3, 7] {
            let chunked = try read(bytes, chunk: { size })
            #expect(chunked.rows == whole.rows, "chunks of \(size)")
        }
    }

    @Test
    func keepsRaggedRowsAndReportsThem() throws {
        let result = try read("host,ip,env\na,b\nc,d,e,alice@example.com,g\nh,i,j\n")
        #expect(result.values == [["a", "b", ""], ["c", "d", "e"], ["h", "i", "j"]])
        #expect(result.rows[1].surplus == ["alice@example.com", "g"])
        #expect(result.ragged.map(\.line) == [2, 3])
        #expect(result.ragged.map(\.found) == [2, 5])
        #expect(result.ragged[1].expected == 3)
        #expect(result.ragged[1].surplus == ["a***@e***.com", "g"], "the report shows no personal data")
    }

    @Test
    func listsAtMostOneHundredRaggedRows() throws {
        let result = try read("host,ip\n" + String(repeating: "a,b\na,b\nx\n", count: 150))
        #expect(result.raggedCount == 150)
        #expect(result.ragged.count == 100)
    }

    @Test
    func countsLinesThroughQuotedLineBreaks() throws {
        let result = try read("host,note\na,\"1\r\n2\n3\r4\"\nb,c\n")
        #expect(result.rows.map(\.line) == [2, 6])
    }

    @Test(arguments: [TextEncoding.utf16LittleEndian, .utf16BigEndian])
    func decodesUTF16(_ encoding: TextEncoding) throws {
        let text = "\u{FEFF}host;Ort\nä😀;München\n"
        let bytes = text.utf16.flatMap { unit in
            let pair = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
            return encoding == .utf16BigEndian ? pair : pair.reversed()
        }
        for size in [1, 2, 5, 64] {
            let result = try read(bytes, chunk: { size })
            #expect(result.values == [["ä😀", "München"]])
            #expect(result.encoding == encoding)
        }
    }

    @Test
    func fallsBackToWindows1252RowByRow() throws {
        let bytes = Array("host;Ort\na;".utf8) + [0x4D, 0xFC, 0x80] + Array("\nb;Zürich\n".utf8)
        let result = try read(bytes)
        #expect(result.values == [["a", "Mü€"], ["b", "Zürich"]])
        #expect(result.encoding == .windows1252)
    }

    @Test
    func namesTheLineOfAnUnterminatedQuote() {
        #expect(throws: CSVError.unterminatedQuote(line: 3)) {
            try read("host,note\na,b\nc,\"open\nd,e\n", options: CSVOptions(dialect: CSVDialect()))
        }
    }

    @Test
    func namesTheLimitExceeded() {
        #expect(throws: CSVError.limitExceeded(limit: .fieldBytes, maximum: 4, line: 2)) {
            try read("host\nabcde\n", options: CSVOptions(maxFieldBytes: 4))
        }
        #expect(throws: CSVError.limitExceeded(limit: .columns, maximum: 2, line: 3)) {
            try read("host,ip\na,b\na,b,c\n", options: CSVOptions(maxColumns: 2))
        }
        #expect(throws: CSVError.limitExceeded(limit: .rows, maximum: 1, line: 3)) {
            try read("host,ip\na,b\nc,d\n", options: CSVOptions(maxRows: 1))
        }
    }

    @Test(
        arguments: [
            ([0x50, 0x4B, 0x03, 0x04, 0x14], "Excel"), ([0x61, 0x2C, 0x62, 0x0A, 0x00, 0x2C], "NUL"),
            ([0x25, 0x50, 0x44, 0x46], "PDF"),
        ] as [([UInt8], String)]
    )
    func refusesBinaryFiles(_ bytes: [UInt8], _ hint: String) {
        let error = #expect(throws: CSVError.self) { try read(bytes) }
        #expect(error?.description.contains(hint) == true)
    }

    @Test
    func refusesAnEmptyFile() {
        #expect(throws: CSVError.empty) { try read("") }
        #expect(throws: CSVError.empty) { try read("\n\n") }
    }

    @Test
    func refusesBytesAfterTheEnd() {
        #expect(throws: CSVError.receivedAfterEnd) {
            var reader = CSVReader()
            reader.finish()
            try reader.receive([0x61])
        }
    }

    @Test
    func headerOptionOverrulesDetection() throws {
        let text = "srv1,10.0.0.1\nsrv2,10.0.0.2\n"
        #expect(try read(text, options: CSVOptions(header: .present)).columns == ["srv1", "10.0.0.1"])
        #expect(try read("host,ip\na,b\n", options: CSVOptions(header: .absent)).rows.count == 2)
    }
}

@Suite("CSV reader, any dialect and chunking")
struct CSVPropertyTests {
    @Test(arguments: [11, 23, 47, 101, 499] as [UInt64])
    func readsBackWhatWasWritten(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for round in 0..<30 {
            let dialect = CSVDialect(
                delimiter: CSVDialect.Delimiter.allCases.randomElement(using: &generator) ?? .comma,
                quote: CSVDialect.Quote.allCases.randomElement(using: &generator) ?? .double,
                escape: CSVDialect.Escape.allCases.randomElement(using: &generator) ?? .doubled
            )
            let lineEnd = ["\n", "\r\n", "\r"].randomElement(using: &generator) ?? "\n"
            let width = Int.random(in: 1...6, using: &generator)
            let rows = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                (0..<width).map { _ in Self.field(&generator) }
            }
            let text = rows.map { row in
                row.map { Self.written($0, dialect, &generator) }.joined(separator: dialect.delimiter.rawValue)
                    + lineEnd
            }
            .joined()
            let options = CSVOptions(dialect: dialect, header: .absent)
            let bytes = Array(text.utf8)
            let whole = try read(bytes, options: options)
            #expect(whole.values == rows, "seed \(seed), round \(round), \(dialect): \(text.debugDescription)")
            var sizes = SeededGenerator(seed: seed &+ UInt64(round))
            let chunked = try read(bytes, options: options, chunk: { Int.random(in: 1...9, using: &sizes) })
            #expect(chunked.rows == whole.rows, "seed \(seed), round \(round)")
        }
    }

    private static func field(_ generator: inout SeededGenerator) -> String {
        let alphabet = Array("ab c1,;|\t\"'\\\n\räß€")
        return String(
            (0..<Int.random(in: 0...7, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? "a"
            }
        )
    }

    /// A minimal writer, independent of the reader: quotes always where needed and sometimes where not.
    private static func written(_ field: String, _ dialect: CSVDialect, _ generator: inout SeededGenerator) -> String {
        let quote = dialect.quote.rawValue
        let isSpecial =
            field.isEmpty
            || field.unicodeScalars.contains { scalar in
                ["\n", "\r", "\\"].contains(scalar) || dialect.delimiter.rawValue.unicodeScalars.contains(scalar)
                    || quote.unicodeScalars.contains(scalar)
            }
        guard isSpecial || Bool.random(using: &generator) else { return field }
        let escaped =
            switch dialect.escape {
            case .doubled: field.replacingOccurrences(of: quote, with: quote + quote)
            case .backslash:
                field.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: quote, with: "\\" + quote)
            }
        return quote + escaped + quote
    }
}
