import CPQ
import Glibc

/// One row. Every accessor throws ``PostgresError/Kind/column`` when there is no such column, when it is `NULL` (unless the
/// accessor's name ends in `OrNil`) or when its type is not one of those named.
public struct PostgresRow: Sendable {
    let result: ResultBox
    let index: Int32

    /// `text`, `varchar`, `char(n)`, `name` or `json`.
    public func string(_ column: String) throws(PostgresError) -> String { try required(column, stringOrNil(column)) }

    /// `int2`, `int4`, `int8` or `oid`.
    public func int64(_ column: String) throws(PostgresError) -> Int64 { try required(column, int64OrNil(column)) }

    /// `int2`, `int4`, `int8` or `oid`.
    public func int(_ column: String) throws(PostgresError) -> Int { Int(try int64(column)) }

    /// `bool`.
    public func bool(_ column: String) throws(PostgresError) -> Bool { try required(column, boolOrNil(column)) }

    /// `float4` or `float8`.
    public func double(_ column: String) throws(PostgresError) -> Double { try required(column, doubleOrNil(column)) }

    /// `bytea`, or the UTF-8 of a text type.
    public func bytes(_ column: String) throws(PostgresError) -> [UInt8] { try required(column, bytesOrNil(column)) }

    /// `uuid`, as 36 lower-case characters.
    public func uuid(_ column: String) throws(PostgresError) -> String { try required(column, uuidOrNil(column)) }

    /// `timestamptz`, in microseconds since 1970-01-01T00:00:00Z.
    public func microseconds(_ column: String) throws(PostgresError) -> Int64 {
        try required(column, microsecondsOrNil(column))
    }

    /// A one-dimensional `text[]` without `NULL`s.
    public func strings(_ column: String) throws(PostgresError) -> [String] {
        try required(column, stringsOrNil(column))
    }

    /// As ``string(_:)``, nil for `NULL`.
    public func stringOrNil(_ column: String) throws(PostgresError) -> String? {
        try value(column, "text", Self.textTypes) { bytes, _ in String(decoding: bytes, as: UTF8.self) }
    }

    /// As ``int64(_:)``, nil for `NULL`.
    public func int64OrNil(_ column: String) throws(PostgresError) -> Int64? {
        try value(column, "an integer", [TypeOID.int8, TypeOID.int4, TypeOID.int2, TypeOID.oid]) { bytes, type in
            switch type {
            case TypeOID.int8: bytes.bigEndian(at: 0, as: Int64.self)
            case TypeOID.int4: bytes.bigEndian(at: 0, as: Int32.self).map(Int64.init)
            case TypeOID.int2: bytes.bigEndian(at: 0, as: Int16.self).map(Int64.init)
            default: bytes.bigEndian(at: 0, as: UInt32.self).map(Int64.init)
            }
        }
    }

    /// As ``bool(_:)``, nil for `NULL`.
    public func boolOrNil(_ column: String) throws(PostgresError) -> Bool? {
        try value(column, "bool", [TypeOID.bool]) { bytes, _ in bytes.first.map { $0 != 0 } }
    }

    /// As ``double(_:)``, nil for `NULL`.
    public func doubleOrNil(_ column: String) throws(PostgresError) -> Double? {
        try value(column, "a floating-point number", [TypeOID.float8, TypeOID.float4]) { bytes, type in
            if type == TypeOID.float8 { return bytes.bigEndian(at: 0, as: UInt64.self).map(Double.init(bitPattern:)) }
            return bytes.bigEndian(at: 0, as: UInt32.self).map { Double(Float(bitPattern: $0)) }
        }
    }

    /// As ``bytes(_:)``, nil for `NULL`.
    public func bytesOrNil(_ column: String) throws(PostgresError) -> [UInt8]? {
        try value(column, "bytea", [TypeOID.bytea] + Self.textTypes) { bytes, _ in Array(bytes) }
    }

    /// As ``uuid(_:)``, nil for `NULL`.
    public func uuidOrNil(_ column: String) throws(PostgresError) -> String? {
        try value(column, "uuid", [TypeOID.uuid]) { bytes, _ in bytes.count == 16 ? uuidText(bytes) : nil }
    }

    /// As ``microseconds(_:)``, nil for `NULL`.
    public func microsecondsOrNil(_ column: String) throws(PostgresError) -> Int64? {
        try value(column, "timestamptz", [TypeOID.timestamptz]) { bytes, _ in
            bytes.bigEndian(at: 0, as: Int64.self).flatMap { time in
                let (sum, overflow) = time.addingReportingOverflow(postgresEpoch)
                return overflow ? nil : sum
            }
        }
    }

    /// As ``strings(_:)``, nil for `NULL`.
    public func stringsOrNil(_ column: String) throws(PostgresError) -> [String]? {
        try value(column, "text[]", [TypeOID.textArray]) { bytes, _ in textArray(bytes) }
    }

    private static let textTypes = [TypeOID.text, TypeOID.varchar, TypeOID.bpchar, TypeOID.name, TypeOID.json]

    private func value<Value>(
        _ column: String,
        _ expected: String,
        _ types: [UInt32],
        _ decode: (UnsafeRawBufferPointer, UInt32) -> Value?
    ) throws(PostgresError) -> Value? {
        guard let number = number(of: column) else {
            throw PostgresError(.column, "the result has no column \(column)")
        }
        let type = PQftype(result.pointer, number)
        guard types.contains(type), PQfformat(result.pointer, number) == 1 else {
            throw PostgresError(.column, "column \(column) has type number \(type), which is not \(expected)")
        }
        guard PQgetisnull(result.pointer, index, number) == 0 else { return nil }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(result.pointer, index, number),
            count: Int(PQgetlength(result.pointer, index, number))
        )
        guard let value = decode(bytes, type) else {
            throw PostgresError(.column, "column \(column) cannot be read as \(expected)")
        }
        return value
    }

    /// Unlike `PQfnumber`, by the exact name: that one folds upper case as SQL does.
    private func number(of column: String) -> Int32? {
        (0..<PQnfields(result.pointer)).first { strcmp(PQfname(result.pointer, $0), column) == 0 }
    }

    private func required<Value>(_ column: String, _ value: Value?) throws(PostgresError) -> Value {
        guard let value else { throw PostgresError(.column, "column \(column) is NULL") }
        return value
    }
}

extension UnsafeRawBufferPointer {
    /// The integer in network byte order at `offset`; nil when the buffer is too short.
    fileprivate func bigEndian<Number: FixedWidthInteger>(at offset: Int, as: Number.Type) -> Number? {
        guard count >= offset + MemoryLayout<Number>.size else { return nil }
        return Number(bigEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}

private func uuidText(_ bytes: UnsafeRawBufferPointer) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for (index, byte) in bytes.enumerated() {
        if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 0xF)])
    }
    return String(decoding: text, as: UTF8.self)
}

/// The binary form of an array: dimensions, flags, element type, then for each dimension its size and lower bound, then
/// the elements, each after its length.
private func textArray(_ bytes: UnsafeRawBufferPointer) -> [String]? {
    guard let dimensions = bytes.bigEndian(at: 0, as: Int32.self) else { return nil }
    guard dimensions > 0 else { return [] }
    guard dimensions == 1, let size = bytes.bigEndian(at: 12, as: Int32.self) else { return nil }
    var offset = 20
    var elements: [String] = []
    for _ in 0..<size {
        guard let length = bytes.bigEndian(at: offset, as: Int32.self), length >= 0,
            offset + 4 + Int(length) <= bytes.count
        else { return nil }
        elements.append(String(decoding: bytes[(offset + 4)..<(offset + 4 + Int(length))], as: UTF8.self))
        offset += 4 + Int(length)
    }
    return elements
}
