// JSON: floor 1. A JSON value, its exact text form, and the standard operations on it:
// parsing and serialising (RFC 8259), canonical form (RFC 8785), pointer (RFC 6901),
// patch (RFC 6902), merge patch (RFC 7396), difference, digest, and Codable.
//
// The target is pure: bytes in, values out. It must never know sockets, files, clocks, tasks,
// Foundation, or what any document means.
//
// Values share structure: arrays and objects are copy-on-write, so that keeping an old version
// of a document beside the new one costs only the levels that changed.

/// A JSON value (RFC 8259).
///
/// Equality is that of RFC 6902 §4.6: numbers by their decimal value (`1` equals `1.0`), strings by
/// their bytes without Unicode normalisation, arrays element by element, objects without regard to order.
public enum JSON: Sendable {
    /// The literal `null`.
    case null
    /// The literals `true` and `false`.
    case bool(Bool)
    /// A number of any size, exact.
    case number(JSONNumber)
    /// A string of Unicode scalars.
    case string(String)
    /// An ordered list of values.
    case array(JSONArray)
    /// A set of named members in insertion order.
    case object(JSONObject)
}

extension JSON: Hashable {
    /// Compares by value; subtrees that share storage are equal at once.
    public static func == (lhs: JSON, rhs: JSON) -> Bool {
        switch (lhs, rhs) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    /// Hashes the value; members of an object count regardless of their order.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null:
            hasher.combine(0 as UInt8)
        case .bool(let value):
            hasher.combine(1 as UInt8)
            hasher.combine(value)
        case .number(let value):
            hasher.combine(2 as UInt8)
            hasher.combine(value)
        case .string(let value):
            hasher.combine(3 as UInt8)
            value.hashBytes(into: &hasher)
        case .array(let value):
            hasher.combine(4 as UInt8)
            hasher.combine(value)
        case .object(let value):
            hasher.combine(5 as UInt8)
            hasher.combine(value)
        }
    }
}

extension JSON: CustomStringConvertible {
    /// The compact JSON text.
    public var description: String { text }
}
