import Reactor
import Redis

/// Where a value came from.
enum SettingSource: Equatable, Sendable, CustomStringConvertible {
    case standard
    case file(String)
    case environment(String)
    case flag(String)

    var description: String {
        switch self {
        case .standard: "default"
        case .file(let path): path
        case .environment(let variable): variable
        case .flag(let flag): "--\(flag)"
        }
    }
}

extension Setting {
    /// Checks a value and puts it into `configuration`.
    /// - Parameter texts: one text, or any number for a list.
    /// - Throws: ``Failure`` that names the key, the value (unless secret), the limit and the source.
    func apply(
        _ texts: [String],
        from source: SettingSource,
        to configuration: inout Settings
    ) throws(Failure) {
        if case .list(let path) = field {
            configuration[keyPath: path] = texts.filter { !$0.isEmpty }
            return
        }
        if case .addressRanges(let path) = field {
            for text in texts where AddressRange(text) == nil { throw refusal(of: text, from: source) }
            configuration[keyPath: path] = texts
            return
        }
        guard let text = texts.first, texts.count == 1 else {
            throw Failure(.configuration, "\(name) (from \(source)) must be one value, not a list.")
        }
        switch field {
        case .text(let path):
            guard !text.isEmpty else { throw refusal(of: text, from: source) }
            configuration[keyPath: path] = text
        case .address(let path):
            guard SocketAddress(host: text, port: 0) != nil else { throw refusal(of: text, from: source) }
            configuration[keyPath: path] = text
        case .optionalText(let path):
            configuration[keyPath: path] = text
        case .socketPath(let path):
            guard SocketAddress(unixPath: text) != nil else { throw refusal(of: text, from: source) }
            configuration[keyPath: path] = text
        case .secret(let path, let minimumBytes):
            guard text.utf8.count >= minimumBytes else { throw refusal(of: text, from: source) }
            configuration[keyPath: path] = text
        case .redisURL(let path):
            do throws(RedisError) {
                _ = try RedisConfiguration(text)
            } catch {
                let reason = if case .invalidURL(let reason) = error { reason } else { error.description }
                throw Failure(.configuration, "\(name) (from \(source)) cannot be used: \(reason).")
            }
            configuration[keyPath: path] = text
        case .integer(let path, let range):
            configuration[keyPath: path] = try number(Int(text), in: range, text, source)
        case .size(let path, let range):
            configuration[keyPath: path] = try number(Quantity.size(parsing: text), in: range, text, source)
        case .duration(let path, let range):
            configuration[keyPath: path] = try number(Quantity.duration(parsing: text), in: range, text, source)
        case .choice(let path, let words):
            guard words.contains(text) else { throw refusal(of: text, from: source) }
            configuration[keyPath: path] = text
        case .list, .addressRanges:
            break
        }
    }

    private func number(
        _ value: Int?,
        in range: ClosedRange<Int>,
        _ text: String,
        _ source: SettingSource
    ) throws(Failure) -> Int {
        guard let value, range.contains(value) else { throw refusal(of: text, from: source) }
        return value
    }

    private func refusal(of text: String, from source: SettingSource) -> Failure {
        let shown = isSecret ? "\(text.utf8.count) bytes long" : "\"\(text)\""
        return Failure(.configuration, "\(name) is \(shown) (from \(source)); it must be \(allowed ?? "set").")
    }
}
