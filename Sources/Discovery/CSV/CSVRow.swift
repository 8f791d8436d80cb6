// One data row as handed out by the reader: always as many fields as there are columns.

/// A row of an export, valid until the reader's next call; the reader reuses its storage.
///
/// A row with too few fields is padded with empty ones; the surplus of a row with too many is kept apart.
public final class CSVRow {
    /// Number of the data row, counted from 1; the header has none.
    public internal(set) var number = 0
    /// Line of the file in which the row begins, counted from 1.
    public internal(set) var line = 0
    /// Fields, equal to the number of columns of the export.
    public internal(set) var count = 0

    var fields = FieldBuffer()
    var isASCII = true
    var isWindows1252 = false

    init() {}

    /// Fields found in the file before padding or cutting.
    public var found: Int { fields.ends.count }

    /// Whether the file had another number of fields in this row than it has columns.
    public var isRagged: Bool { found != count }

    /// The text of field `index`; empty where the row was too short. O(length).
    public subscript(index: Int) -> String { text(index) }

    /// The texts of all columns.
    public var values: [String] { (0..<count).map { text($0) } }

    /// The texts beyond the last column.
    public var surplus: [String] { found > count ? (count..<found).map { text($0) } : [] }

    /// Whether field `index` holds no byte.
    public func isEmpty(_ index: Int) -> Bool {
        guard index < fields.ends.count else { return true }
        return fields.ends[index] == (index == 0 ? 0 : fields.ends[index - 1])
    }

    /// The bytes of field `index` as they stand in the file, unescaped but not decoded.
    public func withBytes<Result>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        fields.bytes.withUnsafeBufferPointer { all in
            guard index < fields.ends.count else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
            let start = index == 0 ? 0 : fields.ends[index - 1]
            return body(UnsafeBufferPointer(rebasing: all[start..<fields.ends[index]]))
        }
    }

    func text(_ index: Int) -> String {
        withBytes(index) { bytes in
            isWindows1252 ? Windows1252.decode(bytes) : String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Takes over a finished row and leaves its old storage to be filled again.
    func take(_ buffer: inout FieldBuffer, line: Int) {
        swap(&fields, &buffer)
        buffer.clear()
        self.line = line
        isASCII = fields.isASCII
        isWindows1252 = !isASCII && !fieldsAreUTF8
    }

    /// Asked per field: the end of one Latin-1 field and the start of the next may look like one UTF-8 character.
    private var fieldsAreUTF8: Bool {
        (0..<fields.ends.count).allSatisfy { index in
            withBytes(index) { bytes in
                do {
                    _ = try UTF8Span(validating: bytes.span)
                    return true
                } catch {
                    return false
                }
            }
        }
    }
}
