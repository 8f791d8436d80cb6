import Reactor
import Redis

/// One thing that can be set: the key in the file, the environment variable and the flag are all made from its name.
struct Setting: Sendable {
    typealias Path<Value> = any WritableKeyPath<Settings, Value> & Sendable

    /// Where the value goes, and what it may be.
    enum Field: Sendable {
        /// Any text that is not empty.
        case text(Path<String>)
        /// A numeric IPv4 or IPv6 address.
        case address(Path<String>)
        /// Any text, or nothing.
        case optionalText(Path<String?>)
        /// The path of a Unix socket, or nothing.
        case socketPath(Path<String?>)
        /// A text that is never shown, of so many bytes at least.
        case secret(Path<String?>, minimumBytes: Int)
        /// A URL that ``RedisConfiguration`` takes, or nothing. Never shown: it may hold a password.
        case redisURL(Path<String?>)
        /// A whole number.
        case integer(Path<Int>, ClosedRange<Int>)
        /// A number of bytes: `65536`, `64KiB`, `100MiB`, `1GiB`.
        case size(Path<Int>, ClosedRange<Int>)
        /// A number of seconds: `90`, `90s`, `15m`, `12h`, `7d`.
        case duration(Path<Int>, ClosedRange<Int>)
        /// One of a few words.
        case choice(Path<String>, [String])
        /// Texts, separated by commas or as a list in the file.
        case list(Path<[String]>)
        /// Numeric addresses and CIDR blocks, separated by commas or as a list in the file.
        case addressRanges(Path<[String]>)
    }

    /// The key in the file: `max_body_bytes`.
    let name: String
    let field: Field
    /// One sentence.
    let summary: String

    init(_ name: String, _ field: Field, _ summary: String) {
        self.name = name
        self.field = field
        self.summary = summary
    }

    /// The flag, without its dashes: `max-body-bytes`.
    var flag: String { String(name.map { $0 == "_" ? "-" : $0 }) }

    /// The environment variable: `SIGNALBOX_MAX_BODY_BYTES`.
    var variable: String { "SIGNALBOX_" + name.uppercased() }

    var isSecret: Bool {
        switch field {
        case .secret, .redisURL: true
        case .text, .address, .optionalText, .socketPath, .integer, .size, .duration, .choice, .list, .addressRanges:
            false
        }
    }

    var isList: Bool {
        switch field {
        case .list, .addressRanges: true
        case .text, .address, .optionalText, .socketPath, .secret, .redisURL, .integer, .size, .duration, .choice: false
        }
    }

    /// What the value may be, in words; nil when anything goes.
    var allowed: String? {
        switch field {
        case .text: "not empty"
        case .address: "a numeric IPv4 or IPv6 address"
        case .optionalText, .list: nil
        case .socketPath: "a path of at most \(SocketAddress.maximumPathBytes) bytes"
        case .addressRanges: "numeric addresses and CIDR blocks"
        case .secret(_, let minimum): minimum > 1 ? "at least \(minimum) bytes" : nil
        case .redisURL: RedisConfiguration.form
        case .integer(_, let range): "\(range.lowerBound) to \(range.upperBound)"
        case .size(_, let range): "\(Quantity.size(range.lowerBound)) to \(Quantity.size(range.upperBound))"
        case .duration(_, let range): "\(Quantity.duration(range.lowerBound)) to \(Quantity.duration(range.upperBound))"
        case .choice(_, let words): words.joined(separator: ", ")
        }
    }

    /// The value as it would be written in the file; nil when nothing is set. A secret comes out as it is: see
    /// ``masked(in:)``.
    func text(in configuration: Settings) -> String? {
        switch field {
        case .text(let path), .address(let path), .choice(let path, _): configuration[keyPath: path]
        case .optionalText(let path), .socketPath(let path), .redisURL(let path), .secret(let path, _):
            configuration[keyPath: path]
        case .integer(let path, _): String(configuration[keyPath: path])
        case .size(let path, _): Quantity.size(configuration[keyPath: path])
        case .duration(let path, _): Quantity.duration(configuration[keyPath: path])
        case .list(let path), .addressRanges(let path):
            configuration[keyPath: path].isEmpty ? nil : configuration[keyPath: path].joined(separator: ",")
        }
    }

    /// The value for people's eyes.
    func masked(in configuration: Settings) -> String {
        guard let text = text(in: configuration) else { return "(not set)" }
        return isSecret ? "********" : text
    }
}
