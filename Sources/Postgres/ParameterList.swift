import CPQ

/// The values of one statement as libpq takes them, packed into one buffer.
struct ParameterList {
    private var storage: [UInt8] = []
    private var offsets: [Int?] = []
    private var types: [Oid] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    /// Values a statement can carry: the protocol counts them in 16 bits.
    static let limit = 65_535

    init(_ values: [PostgresValue]) throws(PostgresError) {
        guard values.count <= Self.limit else {
            throw PostgresError(.invalidParameter, "\(values.count) parameters; the limit is \(Self.limit)")
        }
        offsets.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            switch value {
            case .null: append(nil, type: 0, isBinary: false)
            case .text(let text): try appendText(text.utf8, at: index)
            case .int(let value): append(String(value).utf8, type: 0, isBinary: false)
            case .bool(let value): append((value ? "t" : "f").utf8, type: 0, isBinary: false)
            case .double(let value): append(String(value).utf8, type: 0, isBinary: false)
            case .bytes(let bytes): append(bytes, type: TypeOID.bytea, isBinary: true)
            case .microseconds(let time):
                let (value, overflow) = time.subtractingReportingOverflow(postgresEpoch)
                guard !overflow else { throw PostgresError(.invalidParameter, "parameter $\(index + 1) is not a time") }
                let bytes = withUnsafeBytes(of: value.bigEndian) { Array($0) }
                append(bytes, type: TypeOID.timestamptz, isBinary: true)
            case .binaryArray(let array):
                guard !array.holdsZero else { throw Self.holdsZero(index) }
                append(array.bytes, type: array.type, isBinary: true)
            case .array(let elements): try appendText(arrayLiteral(elements), at: index)
            }
        }
    }

    /// Lends the arrays for `PQsendQueryParams`; they are valid during the call only.
    func withPointers<Result>(
        _ body: (Int32, [Oid], [UnsafePointer<CChar>?], [Int32], [Int32]) -> Result
    ) -> Result {
        storage.withUnsafeBytes { bytes in
            let values = offsets.map { offset in
                offset.flatMap { bytes.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            return body(Int32(values.count), types, values, lengths, formats)
        }
    }

    private mutating func appendText(_ bytes: some Collection<UInt8>, at index: Int) throws(PostgresError) {
        // libpq reads text up to the first zero byte: the rest would be lost without a word.
        guard !bytes.contains(0) else { throw Self.holdsZero(index) }
        append(bytes, type: 0, isBinary: false)
    }

    private static func holdsZero(_ index: Int) -> PostgresError {
        PostgresError(.invalidParameter, "parameter $\(index + 1) contains U+0000, which text cannot hold")
    }

    private mutating func append(_ bytes: (some Collection<UInt8>)?, type: UInt32, isBinary: Bool) {
        types.append(type)
        formats.append(isBinary ? 1 : 0)
        lengths.append(Int32(clamping: bytes?.count ?? 0))
        guard let bytes else { return offsets.append(nil) }
        offsets.append(storage.count)
        storage.append(contentsOf: bytes)
        storage.append(0)
    }

    private mutating func append(_ bytes: [UInt8]?, type: UInt32, isBinary: Bool) {
        append(bytes.map { $0[...] }, type: type, isBinary: isBinary)
    }
}
