/// What a server answers (RESP2).
enum RedisReply: Equatable, Sendable {
    /// A short text: `OK`.
    case status(String)
    /// A refusal in words: `WRONGPASS invalid username-password pair`.
    case error(String)
    case integer(Int64)
    case bytes([UInt8])
    /// The absence of a value.
    case null
    case array([RedisReply])

    /// The text of a bulk or status reply; nil for anything else, also for bytes that are not UTF-8.
    var text: String? {
        switch self {
        case .status(let text): text
        case .bytes(let bytes): String(validating: bytes, as: UTF8.self)
        case .error, .integer, .null, .array: nil
        }
    }
}
