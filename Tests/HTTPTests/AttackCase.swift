import Testing

/// Bytes that somebody might send to be understood in two ways, and the one way in which they are understood here.
struct AttackCase: Sendable, CustomTestStringConvertible {
    enum Outcome: Sendable, Equatable, CustomStringConvertible {
        /// So many whole requests, and nothing of another one.
        case read(Int)
        /// So many whole requests, and then the error of this status.
        case refused(Int, after: Int = 0)
        /// So many whole requests, and the beginning of another one.
        case waiting(after: Int = 0)

        var description: String {
            switch self {
            case .read(let count): "\(count) read"
            case .refused(let status, let count): "\(status) after \(count)"
            case .waiting(let count): "waiting after \(count)"
            }
        }
    }

    let name: String
    /// The section of RFC 9112, or of RFC 9110 when it says so, that decides.
    let section: String
    let bytes: [UInt8]
    let outcome: Outcome

    init(_ name: String, _ section: String, _ text: String, _ outcome: Outcome) {
        self.init(name, section, Array(text.utf8), outcome)
    }

    init(_ name: String, _ section: String, _ bytes: [UInt8], _ outcome: Outcome) {
        self.name = name
        self.section = section
        self.bytes = bytes
        self.outcome = outcome
    }

    var testDescription: String { "\(name) (\(section)): \(outcome)" }

    static let host = "Host: a.example\r\n"
    static let get = "GET / HTTP/1.1\r\n\(host)\r\n"
    static let post = "POST / HTTP/1.1\r\n\(host)"
    static let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"

    static func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\n\(host)\r\n" }
    static func host(_ value: String) -> String { "GET / HTTP/1.1\r\nHost: \(value)\r\n\r\n" }
    static func field(_ line: String) -> String { "GET / HTTP/1.1\r\n\(host)\(line)\r\n\r\n" }
    static func length(_ value: String, _ content: String = "") -> String {
        post + "Content-Length: \(value)\r\n\r\n" + content
    }
    static func coding(_ value: String, _ content: String = "0\r\n\r\n") -> String {
        post + "Transfer-Encoding: \(value)\r\n\r\n" + content
    }
}
