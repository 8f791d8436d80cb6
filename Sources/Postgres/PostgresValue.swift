/// A value bound to a parameter.
///
/// Text, numbers and arrays go without a type: the server takes it from the place of the parameter or from its cast
/// (`$1::uuid`).
public enum PostgresValue: Sendable, Equatable {
    /// SQL `NULL`.
    case null
    /// Text, or the text form of any type. Must not contain U+0000, which Postgres cannot hold.
    case text(String)
    /// An integer.
    case int(Int64)
    /// A truth value.
    case bool(Bool)
    /// A floating-point number.
    case double(Double)
    /// A `bytea`.
    case bytes([UInt8])
    /// A `timestamptz`, in microseconds since 1970-01-01T00:00:00Z.
    case microseconds(Int64)
    /// An array of any type, by the text forms of its elements; nil for `NULL`.
    case array([String?])
    /// An array of a type that is known here, which the server need not parse.
    case binaryArray(PostgresArray)

    /// An integer.
    public static func int(_ value: Int) -> PostgresValue { .int(Int64(value)) }

    /// Text, or `NULL` for nil.
    public static func optional(_ text: String?) -> PostgresValue { text.map(PostgresValue.text) ?? .null }
}

/// The text form of an array (PostgreSQL documentation, section 8.15.2): every element quoted.
func arrayLiteral(_ elements: [String?]) -> [UInt8] {
    var bytes: [UInt8] = [UInt8(ascii: "{")]
    for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        guard let element else {
            bytes.append(contentsOf: "NULL".utf8)
            continue
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in element.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
    bytes.append(UInt8(ascii: "}"))
    return bytes
}

/// Type numbers of `pg_type` that this client reads or writes itself.
enum TypeOID {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let json: UInt32 = 114
    static let jsonArray: UInt32 = 199
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let textArray: UInt32 = 1009
    static let int8Array: UInt32 = 1016
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let timestamptz: UInt32 = 1184
    static let timestamptzArray: UInt32 = 1185
    static let uuid: UInt32 = 2950
    static let uuidArray: UInt32 = 2951
}

/// 2000-01-01T00:00:00Z, from which Postgres counts microseconds, in microseconds since 1970.
let postgresEpoch: Int64 = 946_684_800_000_000
