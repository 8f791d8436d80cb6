// The streaming reader: chunks of bytes go in, rows come out. Nothing is read or waited for here.

/// A row whose number of fields differs from the number of columns.
public struct RaggedRow: Sendable, Hashable, Codable {
    /// Line of the file in which the row begins, counted from 1.
    public let line: Int
    /// Columns of the export.
    public let expected: Int
    /// Fields in this row.
    public let found: Int
    /// The first fields beyond the last column, masked; at most ``DiscoveryLimits/samples``.
    public let surplus: [String]
}

/// Reads a delimiter-separated file fed in chunks of any size.
///
/// Call order: ``receive(_:)-(UnsafeRawBufferPointer)`` a chunk, then ``next()`` until it returns nil, again and again;
/// after the last chunk ``finish()`` and ``next()`` until nil. Memory: one row, one chunk, and the head of the data
/// until the dialect is known. The result does not depend on how the bytes are cut into chunks.
public struct CSVReader: ~Copyable {
    private enum Phase {
        case head
        case body
        case failed(CSVError)
    }

    /// The most that is buffered in search of the first row.
    private static let maxHeadBytes = 4 << 20

    private let options: CSVOptions
    private var headBytes: Int
    private var phase = Phase.head
    private var decoder = TextDecoder()
    private var buffer: [UInt8] = []
    private var position = 0
    private var isFinished = false
    private var isDrained = false
    private var scanner: CSVScanner
    private var fields = FieldBuffer()
    private var skipsHeader = false
    private let row = CSVRow()

    /// The dialect in force; nil until the head was read.
    public private(set) var dialect: CSVDialect?
    /// Whether the first row named the columns.
    public private(set) var hasHeader = false
    /// Unique, non-empty column names; empty until the first row was read.
    public private(set) var columns: [String] = []
    /// Bytes received so far, for progress.
    public private(set) var bytesReceived = 0
    /// Data rows handed out so far.
    public private(set) var rows = 0
    /// Empty lines skipped so far.
    public private(set) var emptyLines = 0
    /// Ragged rows met so far.
    public private(set) var raggedCount = 0
    /// The first ``DiscoveryLimits/raggedRows`` of them.
    public private(set) var raggedRows: [RaggedRow] = []
    /// Rows that were no valid UTF-8 and were read as Windows-1252.
    public private(set) var windows1252Rows = 0

    /// A reader at the start of a file.
    public init(options: CSVOptions = CSVOptions()) {
        self.options = options
        headBytes = max(1, options.detectionBytes)
        scanner = CSVScanner(
            dialect: CSVDialect(),
            maxFieldBytes: options.maxFieldBytes,
            maxColumns: options.maxColumns
        )
    }

    /// The encoding of the rows read so far.
    public var encoding: TextEncoding { windows1252Rows > 0 ? .windows1252 : decoder.encoding }

    /// Takes the next bytes of the file; they are copied.
    public mutating func receive(_ bytes: UnsafeRawBufferPointer) throws(CSVError) {
        if isFinished { throw .receivedAfterEnd }
        store(bytes)
    }

    /// Takes the next bytes of the file.
    public mutating func receive(_ bytes: [UInt8]) throws(CSVError) {
        if isFinished { throw .receivedAfterEnd }
        bytes.withUnsafeBytes { store($0) }
    }

    private mutating func store(_ bytes: UnsafeRawBufferPointer) {
        if position > 0 {
            buffer.removeSubrange(..<position)
            position = 0
        }
        bytesReceived += bytes.count
        decoder.decode(bytes, into: &buffer)
    }

    /// Announces the end of the file.
    public mutating func finish() {
        guard !isFinished else { return }
        decoder.finish(into: &buffer)
        isFinished = true
    }

    /// The next row, or nil when more bytes are needed or, after ``finish()``, when there is none.
    ///
    /// The row is the same object each time: read what you need before the next call. An error is final.
    public mutating func next() throws(CSVError) -> CSVRow? {
        do throws(CSVError) {
            if case .failed(let error) = phase { throw error }
            while case .head = phase {
                guard isFinished || buffer.count > headBytes else { return nil }
                try readHead()
            }
            while let found = try scanRow() {
                if let row = try accept(line: found) { return row }
            }
            return nil
        } catch {
            phase = .failed(error)
            throw error
        }
    }

    /// Reads one row into ``fields``; its line, or nil when the bytes do not suffice.
    private mutating func scanRow() throws(CSVError) -> Int? {
        let line = scanner.rowLine
        var offset = position
        var scanner = self.scanner
        var fields = FieldBuffer()
        swap(&fields, &self.fields)
        let isComplete = try buffer.withUnsafeBufferPointer { (bytes) throws(CSVError) in
            try scanner.scan(bytes, at: &offset, into: &fields)
        }
        position = offset
        var isLast = false
        if !isComplete, isFinished, !isDrained {
            isDrained = true
            isLast = try scanner.finish(into: &fields)
        }
        self.scanner = scanner
        swap(&fields, &self.fields)
        return isComplete || isLast ? line : nil
    }

    /// Turns the fields into the row to hand out; nil for empty lines and the header.
    private mutating func accept(line: Int) throws(CSVError) -> CSVRow? {
        if fields.isEmptyLine {
            fields.clear()
            emptyLines += 1
            return nil
        }
        if skipsHeader {
            skipsHeader = false
            fields.clear()
            return nil
        }
        guard rows < options.maxRows else {
            throw .limitExceeded(limit: .rows, maximum: options.maxRows, line: line)
        }
        rows += 1
        row.take(&fields, line: line)
        row.number = rows
        row.count = columns.count
        if row.isWindows1252 { windows1252Rows += 1 }
        if row.isRagged { recordRagged() }
        return row
    }

    private mutating func recordRagged() {
        raggedCount += 1
        guard raggedRows.count < DiscoveryLimits.raggedRows else { return }
        // The list goes into results that people see, so what may be personal is masked here already.
        let surplus = row.surplus.prefix(DiscoveryLimits.samples).map { PIIScanner().masked($0) }
        raggedRows.append(RaggedRow(line: row.line, expected: row.count, found: row.found, surplus: Array(surplus)))
    }

    private mutating func readHead() throws(CSVError) {
        if let kind = Self.binaryKind(buffer) { throw .binary(kind: kind, line: 1) }
        let head = Array(buffer.prefix(headBytes))
        let isComplete = head.count == buffer.count
        let detection = CSVDialectDetector(options: options).detect(head, isComplete: isComplete)
        if detection.rows.isEmpty, !isComplete, headBytes < Self.maxHeadBytes {
            // Not even the header fits: hundreds of columns with long names do that.
            headBytes *= 4
            return
        }
        dialect = detection.dialect
        position = detection.skippedBytes
        scanner = CSVScanner(
            dialect: detection.dialect,
            maxFieldBytes: options.maxFieldBytes,
            maxColumns: options.maxColumns,
            line: detection.skippedBytes > 0 ? 2 : 1
        )
        phase = .body
        guard !detection.rows.isEmpty else {
            // No dialect makes a row of this: let the scanner name the reason.
            while try scanRow() != nil { fields.clear() }
            throw isFinished ? .empty : .limitExceeded(limit: .fieldBytes, maximum: headBytes, line: scanner.rowLine)
        }
        let header = CSVHeader(rows: detection.rows, option: options.header)
        hasHeader = header.hasHeader
        skipsHeader = header.hasHeader
        columns = header.names
        if columns.count > options.maxColumns {
            throw .limitExceeded(limit: .columns, maximum: options.maxColumns, line: 1)
        }
    }

    private static func binaryKind(_ bytes: [UInt8]) -> String? {
        let signatures: [([UInt8], String)] = [
            ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive or an Excel workbook; export it as CSV first"),
            ([0xD0, 0xCF, 0x11, 0xE0], "an old Excel workbook; export it as CSV first"),
            ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
            ([0x1F, 0x8B], "a gzip archive; unpack it first"),
        ]
        return signatures.first { bytes.starts(with: $0.0) }?.1
    }
}
