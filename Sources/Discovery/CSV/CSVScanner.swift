// The state machine that splits bytes into rows (RFC 4180 §2, made lenient). It keeps its state between chunks, so the
// result is the same for every chunking. The only file of the target that reads through unsafe pointers.

/// The fields of one row: their unescaped bytes back to back, and where each ends.
struct FieldBuffer {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    /// Told apart from an empty line: `""` is a row with one empty field.
    var hasQuotedField = false

    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        hasQuotedField = false
    }

    var isEmptyLine: Bool { ends.count <= 1 && bytes.isEmpty && !hasQuotedField }

    var isASCII: Bool {
        bytes.withUnsafeBytes { raw in
            var offset = 0
            var bits: UInt64 = 0
            while offset + 8 <= raw.count {
                bits |= raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                offset += 8
            }
            while offset < raw.count {
                bits |= UInt64(raw[offset])
                offset += 1
            }
            return bits & 0x8080_8080_8080_8080 == 0
        }
    }
}

/// Splits bytes into rows, one row per call of ``scan(_:at:into:)``.
struct CSVScanner {
    private enum State {
        case fieldStart
        case unquoted
        case quoted
        /// A quote inside a quoted field: the end of the field, or the first of a doubled pair.
        case quoteSeen
        case escaped
    }

    private static let lineFeed: UInt8 = 0x0A
    private static let carriageReturn: UInt8 = 0x0D
    private static let backslash: UInt8 = 0x5C

    private let delimiter: UInt8
    private let quote: UInt8
    private let usesBackslash: Bool
    private let maxFieldBytes: Int
    private let maxColumns: Int

    private var state = State.fieldStart
    private var skipsLineFeed = false
    private var fieldStart = 0
    private var quoteLine = 1
    private var previousByte: UInt8 = 0
    private(set) var line: Int
    /// Line in which the row now being read began.
    private(set) var rowLine: Int
    /// Quoted fields closed properly and followed by text, the evidence the dialect is weighed by.
    private(set) var quotedFields = 0
    private(set) var textAfterQuote = 0

    init(dialect: CSVDialect, maxFieldBytes: Int, maxColumns: Int, line: Int = 1) {
        delimiter = dialect.delimiter.byte
        quote = dialect.quote.byte
        usesBackslash = dialect.escape == .backslash
        self.maxFieldBytes = maxFieldBytes
        self.maxColumns = maxColumns
        self.line = line
        rowLine = line
    }

    /// Reads on from `position` until a row is complete (true) or the bytes are used up (false).
    mutating func scan(
        _ bytes: UnsafeBufferPointer<UInt8>,
        at position: inout Int,
        into fields: inout FieldBuffer
    ) throws(CSVError) -> Bool {
        var index = position
        defer {
            position = index
            if index > 0 { previousByte = bytes[index - 1] }
        }
        let count = bytes.count
        if skipsLineFeed, index < count {
            if bytes[index] == Self.lineFeed { index += 1 }
            skipsLineFeed = false
        }
        while index < count {
            switch state {
            case .fieldStart:
                if bytes[index] == quote {
                    state = .quoted
                    quoteLine = line
                    fields.hasQuotedField = true
                    index += 1
                } else {
                    state = .unquoted
                }

            case .unquoted:
                let start = index
                var byte: UInt8 = 1
                while index < count {
                    byte = bytes[index]
                    if byte == delimiter || byte == Self.lineFeed || byte == Self.carriageReturn || byte == 0 { break }
                    index += 1
                }
                try append(bytes, start..<index, to: &fields, line: line)
                if index == count { return false }
                index += 1
                if byte == 0 { throw .binary(kind: "binary data (it holds NUL bytes)", line: line) }
                try endField(&fields)
                if byte != delimiter {
                    skipsLineFeed = byte == Self.carriageReturn
                    endRow()
                    return true
                }

            case .quoted:
                let start = index
                var byte: UInt8 = 1
                while index < count {
                    byte = bytes[index]
                    if byte == quote
                        || byte < 0x0E && (byte == Self.lineFeed || byte == Self.carriageReturn || byte == 0)
                        || byte == Self.backslash && usesBackslash
                    {
                        break
                    }
                    index += 1
                }
                try append(bytes, start..<index, to: &fields, line: quoteLine)
                if index == count { return false }
                try closeRun(byte, previous: index > 0 ? bytes[index - 1] : previousByte, &fields)
                index += 1

            case .quoteSeen:
                let byte = bytes[index]
                if byte == quote {
                    fields.bytes.append(quote)
                    state = .quoted
                    index += 1
                } else {
                    // Text after a closing quote breaks RFC 4180; keeping it loses nothing.
                    let ends = byte == delimiter || byte == Self.lineFeed || byte == Self.carriageReturn
                    quotedFields += ends ? 1 : 0
                    textAfterQuote += ends ? 0 : 1
                    state = .unquoted
                }

            case .escaped:
                let byte = bytes[index]
                // Only what had to be escaped is unescaped: a Windows path keeps its backslashes.
                if byte != quote && byte != Self.backslash { fields.bytes.append(Self.backslash) }
                state = .quoted
                if byte == quote || byte == Self.backslash {
                    fields.bytes.append(byte)
                    index += 1
                }
            }
        }
        return false
    }

    /// Ends the data; true when a last row without line break was completed.
    mutating func finish(into fields: inout FieldBuffer) throws(CSVError) -> Bool {
        switch state {
        case .quoted, .escaped:
            throw .unterminatedQuote(line: quoteLine)
        case .fieldStart where fields.ends.isEmpty:
            return false
        case .fieldStart, .unquoted, .quoteSeen:
            quotedFields += state == .quoteSeen ? 1 : 0
            try endField(&fields)
            state = .fieldStart
            return true
        }
    }

    private mutating func closeRun(
        _ byte: UInt8,
        previous: UInt8,
        _ fields: inout FieldBuffer
    ) throws(CSVError) {
        switch byte {
        case quote:
            state = .quoteSeen
        case 0:
            throw .binary(kind: "binary data (it holds NUL bytes)", line: line)
        case Self.carriageReturn:
            line += 1
            fields.bytes.append(byte)
        case Self.lineFeed:
            // The second half of CRLF does not begin another line.
            if previous != Self.carriageReturn { line += 1 }
            fields.bytes.append(byte)
        default:
            state = .escaped
        }
    }

    private func append(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>,
        to fields: inout FieldBuffer,
        line: Int
    ) throws(CSVError) {
        guard fields.bytes.count - fieldStart + range.count <= maxFieldBytes else {
            throw .limitExceeded(limit: .fieldBytes, maximum: maxFieldBytes, line: line)
        }
        if !range.isEmpty { fields.bytes.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[range])) }
    }

    private mutating func endField(_ fields: inout FieldBuffer) throws(CSVError) {
        guard fields.ends.count < maxColumns else {
            throw .limitExceeded(limit: .columns, maximum: maxColumns, line: rowLine)
        }
        fields.ends.append(fields.bytes.count)
        fieldStart = fields.bytes.count
        state = .fieldStart
    }

    private mutating func endRow() {
        line += 1
        rowLine = line
        fieldStart = 0
    }
}
