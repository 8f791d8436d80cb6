// Guesses the dialect by reading the head of the data in every plausible one and weighing how table-like it looks.

/// What the head of an export told about its dialect.
struct CSVDetection {
    var dialect: CSVDialect
    /// Bytes to skip before the first row: the `sep=;` line that spreadsheets write.
    var skippedBytes = 0
    /// The first rows in that dialect.
    var rows: [[String]] = []
}

/// Chooses the dialect under which the head has the most regular columns.
struct CSVDialectDetector {
    private static let sampleRows = 200
    private static let keptRows = 20

    let options: CSVOptions

    func detect(_ head: [UInt8], isComplete: Bool) -> CSVDetection {
        if let dialect = options.dialect {
            let skipped = separatorLine(head)?.length ?? 0
            return CSVDetection(
                dialect: dialect,
                skippedBytes: skipped,
                rows: weigh(head[skipped...], dialect, isComplete: isComplete).rows
            )
        }
        let declared = separatorLine(head)
        let body = head[(declared?.length ?? 0)...]
        var best = CSVDetection(dialect: CSVDialect(), skippedBytes: declared?.length ?? 0)
        var bestScore = -Double.infinity
        for dialect in candidates(body, delimiter: declared?.delimiter) {
            let (score, rows) = weigh(body, dialect, isComplete: isComplete)
            if score > bestScore {
                bestScore = score
                best.dialect = dialect
                best.rows = rows
            }
        }
        return best
    }

    /// A first line `sep=X`, by which a spreadsheet program states the delimiter.
    private func separatorLine(_ head: [UInt8]) -> (delimiter: CSVDialect.Delimiter, length: Int)? {
        guard head.count >= 5, head[0..<4].lowercasedText == "sep=",
            let delimiter = CSVDialect.Delimiter.allCases.first(where: { $0.byte == head[4] })
        else { return nil }
        var end = 5
        if end < head.count, head[end] == 0x0D { end += 1 }
        if end < head.count, head[end] == 0x0A { end += 1 }
        return end > 5 ? (delimiter, end) : nil
    }

    private func candidates(_ body: ArraySlice<UInt8>, delimiter: CSVDialect.Delimiter?) -> [CSVDialect] {
        var present: Set<UInt8> = []
        var hasEscapedQuote: Set<UInt8> = []
        var previous: UInt8 = 0
        for byte in body {
            present.insert(byte)
            if previous == 0x5C { hasEscapedQuote.insert(byte) }
            previous = byte
        }
        let delimiters = delimiter.map { [$0] } ?? CSVDialect.Delimiter.allCases.filter { present.contains($0.byte) }
        let quotes = CSVDialect.Quote.allCases.filter { $0 == .double || present.contains($0.byte) }
        return (delimiters.isEmpty ? [.comma] : delimiters).flatMap { delimiter in
            quotes.flatMap { quote in
                CSVDialect.Escape.allCases
                    .filter { $0 == .doubled || hasEscapedQuote.contains(quote.byte) }
                    .map { CSVDialect(delimiter: delimiter, quote: quote, escape: $0) }
            }
        }
    }

    /// How much the head looks like a table in `dialect`, and its first rows.
    private func weigh(
        _ body: ArraySlice<UInt8>,
        _ dialect: CSVDialect,
        isComplete: Bool
    ) -> (score: Double, rows: [[String]]) {
        var scanner = CSVScanner(dialect: dialect, maxFieldBytes: body.count, maxColumns: body.count + 1)
        var buffer = FieldBuffer()
        let row = CSVRow()
        var widths: [Int] = []
        var rows: [[String]] = []
        var isBroken = false
        func keep() {
            defer { buffer.clear() }
            if buffer.isEmptyLine { return }
            widths.append(buffer.ends.count)
            guard rows.count < Self.keptRows else { return }
            row.take(&buffer, line: 0)
            row.count = row.found
            rows.append(row.values)
        }
        body.withUnsafeBufferPointer { bytes in
            var position = 0
            do {
                while widths.count < Self.sampleRows, try scanner.scan(bytes, at: &position, into: &buffer) { keep() }
                if isComplete, position == bytes.count, try scanner.finish(into: &buffer) { keep() }
            } catch {
                isBroken = true
            }
            // A quote that never closes swallows the rest of the head as one row.
            if !isComplete, widths.count < Self.sampleRows, buffer.bytes.count > bytes.count / 2 { isBroken = true }
        }
        return (score(widths, scanner, isBroken: isBroken), rows)
    }

    private func score(_ widths: [Int], _ scanner: CSVScanner, isBroken: Bool) -> Double {
        var frequency: [Int: Int] = [:]
        for width in widths { frequency[width, default: 0] += 1 }
        let mode = frequency.max { ($0.value, $0.key) < ($1.value, $1.key) }
        guard let mode, let first = widths.first else { return isBroken ? -100 : 0 }
        let share = Double(mode.value) / Double(widths.count)
        var score = 0.0
        if mode.key > 1 {
            // Many equal columns are better evidence than a few; eight doublings are all that counts.
            var doublings = 0
            while doublings < 8, mode.key >> (doublings + 1) > 0 { doublings += 1 }
            score = share * share * (Double(doublings) + Double(mode.key) / Double(1 << doublings) - 1)
            if first == mode.key { score *= 1.5 }
        }
        let quoted = Double(scanner.quotedFields + scanner.textAfterQuote)
        if quoted > 0 { score += 0.3 - 1.5 * Double(scanner.textAfterQuote) / quoted }
        return isBroken ? score - 100 : score
    }
}
