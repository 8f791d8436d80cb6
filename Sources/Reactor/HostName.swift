import Glibc

/// Host names and the addresses behind them.
public enum HostName {
    /// Whether `text` is an IPv4 or IPv6 address and needs no look-up.
    public static func isAddress(_ text: String) -> Bool {
        var storage = in6_addr()
        return inet_pton(AF_INET, text, &storage) == 1 || inet_pton(AF_INET6, text, &storage) == 1
    }

    /// The first address of `name`, numeric. Blocks: only for the ``BlockingPool``.
    public static func resolve(_ name: String) throws(HostNameError) -> String {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &list)
        guard code == 0, let list else {
            throw HostNameError(name: name, reason: "has no address: \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(list) }
        var text = [CChar](repeating: 0, count: 128)
        let length = socklen_t(text.count)
        guard getnameinfo(list.pointee.ai_addr, list.pointee.ai_addrlen, &text, length, nil, 0, NI_NUMERICHOST) == 0
        else {
            throw HostNameError(name: name, reason: "has no numeric address")
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// A host name that leads nowhere.
public struct HostNameError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The name that was looked up.
    public let name: String
    /// What goes behind the name in a sentence: `has no address: …`.
    public let reason: String

    /// The name and the system's words for the failure.
    public var description: String { "the host \(name) \(reason)" }
}
