/// A one-dimensional array in its binary form: dimensions, flags and element type, the size and lower bound, then each
/// element after its length, -1 for `NULL` (PostgreSQL's `array_recv`).
public struct PostgresArray: Sendable, Equatable {
    let type: UInt32
    private(set) var bytes: [UInt8] = []
    /// Whether one of its texts contains U+0000.
    private(set) var holdsZero = false

    private init(of element: UInt32, as type: UInt32, count: Int, reserving capacity: Int) {
        self.type = type
        bytes.reserveCapacity(20 + capacity)
        append(UInt32(count == 0 ? 0 : 1))
        append(1 as UInt32)
        append(element)
        guard count > 0 else { return }
        append(UInt32(truncatingIfNeeded: count))
        append(1 as UInt32)
    }

    /// A `bigint[]`; nil for `NULL`.
    public static func bigints(_ elements: some Collection<Int64?>) -> PostgresArray {
        var array = PostgresArray(
            of: TypeOID.int8,
            as: TypeOID.int8Array,
            count: elements.count,
            reserving: 12 * elements.count
        )
        for element in elements {
            if let element { array.append(element: UInt64(bitPattern: element)) } else { array.appendNull() }
        }
        return array
    }

    /// A `timestamptz[]`, of microseconds since 1970-01-01T00:00:00Z; nil for `NULL`. What lies outside the range of 64 bits counted from
    /// Postgres's own epoch is the first or last moment within.
    public static func times(_ elements: some Collection<Int64?>) -> PostgresArray {
        var array = PostgresArray(
            of: TypeOID.timestamptz,
            as: TypeOID.timestamptzArray,
            count: elements.count,
            reserving: 12 * elements.count
        )
        for element in elements {
            guard let element else {
                array.appendNull()
                continue
            }
            let (time, overflow) = element.subtractingReportingOverflow(postgresEpoch)
            array.append(element: UInt64(bitPattern: overflow ? .min : time))
        }
        return array
    }

    /// A `uuid[]`, of the first and last eight bytes of each as numbers; nil for `NULL`.
    public static func uuids(_ elements: some Collection<(high: UInt64, low: UInt64)?>) -> PostgresArray {
        var array = PostgresArray(
            of: TypeOID.uuid,
            as: TypeOID.uuidArray,
            count: elements.count,
            reserving: 20 * elements.count
        )
        for element in elements {
            guard let element else {
                array.appendNull()
                continue
            }
            array.append(16 as UInt32)
            array.append(element.high)
            array.append(element.low)
        }
        return array
    }

    /// A `text[]`; nil for `NULL`. Must not contain U+0000, which Postgres cannot hold: the statement is refused then.
    public static func texts(_ elements: some Collection<String?>) -> PostgresArray {
        var array = PostgresArray(
            of: TypeOID.text,
            as: TypeOID.textArray,
            count: elements.count,
            reserving: elements.reduce(0) { $0 + 4 + ($1?.utf8.count ?? 0) }
        )
        for element in elements {
            guard let element else {
                array.appendNull()
                continue
            }
            if element.utf8.contains(0) { array.holdsZero = true }
            array.append(element: element.utf8)
        }
        return array
    }

    /// A `json[]`, of the texts of documents; nil for `NULL`.
    public static func jsons(_ elements: some Collection<[UInt8]?>) -> PostgresArray {
        var array = PostgresArray(
            of: TypeOID.json,
            as: TypeOID.jsonArray,
            count: elements.count,
            reserving: elements.reduce(0) { $0 + 4 + ($1?.count ?? 0) }
        )
        for element in elements {
            if let element { array.append(element: element) } else { array.appendNull() }
        }
        return array
    }

    private mutating func append(element: some Collection<UInt8>) {
        append(UInt32(truncatingIfNeeded: element.count))
        bytes.append(contentsOf: element)
    }

    private mutating func append(element: UInt64) {
        append(8 as UInt32)
        append(element)
    }

    private mutating func appendNull() { append(UInt32.max) }

    private mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
