internal import Glibc
internal import HTTPTypes

/// The grammar of `uri-host [ ":" port ]` (RFC 3986 §3.2, RFC 9110 §7.2).
enum Authority {
    enum Port {
        case optional
        case required
    }

    /// HTTP/1.1 needs exactly one valid `Host`; HTTP/1.0 may leave it out (RFC 9112 §3.2).
    static func check(hostFields fields: HTTPFields, version: HTTPVersion) throws(HTTPError) {
        let hosts = fields.hosts
        if hosts.isEmpty, version == .http10 { return }
        guard hosts.count == 1, let host = hosts.first, isValid(host, port: .optional) else {
            throw .malformed(.host)
        }
    }

    /// Whether `text` is a non-empty host with a decimal port of at most 65535, or none where it is optional.
    static func isValid(_ text: some StringProtocol, port: Port) -> Bool {
        let bytes = Array(text.utf8)
        let hostEnd: Int
        if bytes.first == 0x5B {
            guard let close = bytes.firstIndex(of: 0x5D), isAddress6(bytes[1..<close]) else { return false }
            hostEnd = close + 1
        } else {
            hostEnd = bytes.firstIndex(of: ASCII.colon) ?? bytes.count
            guard hostEnd > 0, isRegisteredName(bytes[..<hostEnd]) else { return false }
        }
        let rest = bytes[hostEnd...]
        guard let colon = rest.first else { return port == .optional }
        guard colon == ASCII.colon else { return false }
        return isPort(rest.dropFirst(), mayBeEmpty: port == .optional)
    }

    private static func isPort(_ bytes: ArraySlice<UInt8>, mayBeEmpty: Bool) -> Bool {
        if bytes.isEmpty { return mayBeEmpty }
        guard bytes.count <= 5, bytes.allSatisfy({ ByteSet.digits.contains($0) }) else { return false }
        return bytes.reduce(0) { $0 * 10 + Int($1 - ASCII.zero) } <= 65_535
    }

    private static func isRegisteredName(_ bytes: ArraySlice<UInt8>) -> Bool {
        let allowed = ByteSet.registeredName
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == ASCII.percent {
                guard index + 2 < bytes.endIndex, ASCII.hexValue(bytes[index + 1]) != nil,
                    ASCII.hexValue(bytes[index + 2]) != nil
                else { return false }
                index += 3
            } else if allowed.contains(bytes[index]) {
                index += 1
            } else {
                return false
            }
        }
        return true
    }

    private static func isAddress6(_ bytes: ArraySlice<UInt8>) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, String(decoding: bytes, as: UTF8.self), &address) == 1
    }
}

extension HTTPFields {
    /// The values of all `Host` fields. HTTPTypes hides that name, because it models requests by their authority.
    var hosts: [String] {
        compactMap { $0.name.canonicalName == "host" ? $0.value : nil }
    }
}
