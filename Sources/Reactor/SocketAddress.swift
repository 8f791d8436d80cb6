import CLinux
import Glibc

/// Where a stream socket listens or connects from: an IPv4 or IPv6 address with a port, or a path in the file system.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: Sendable {
        case ipv4
        case ipv6
        case unix
    }

    /// The numeric host; of a Unix socket the path, which is empty for a peer that has none.
    public let host: String
    /// The port, 0 to 65535; 0 for a Unix socket.
    public let port: UInt16
    private let kind: Kind

    /// The longest path of a Unix socket in bytes, see unix(7).
    public static let maximumPathBytes = 107

    /// Parses a numeric IPv4 or IPv6 host; nil for anything else (names are not looked up).
    public init?(host: String, port: UInt16) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            kind = .ipv4
        } else if inet_pton(AF_INET6, host, &six) == 1 {
            kind = .ipv6
        } else {
            return nil
        }
        self.host = host
        self.port = port
    }

    /// Names a Unix socket; nil for a path that is empty, longer than ``maximumPathBytes``, or holds a NUL.
    public init?(unixPath path: String) {
        guard (1...Self.maximumPathBytes).contains(path.utf8.count), !path.utf8.contains(0) else { return nil }
        kind = .unix
        host = path
        port = 0
    }

    init?(storage: sockaddr_storage) {
        var storage = storage
        var buffer = [CChar](repeating: 0, count: Self.maximumPathBytes + 1)
        switch Int32(storage.ss_family) {
        case AF_INET:
            kind = .ipv4
            port = withUnsafeBytes(of: &storage) { bytes in
                var address = bytes.loadUnaligned(as: sockaddr_in.self)
                inet_ntop(AF_INET, &address.sin_addr, &buffer, socklen_t(buffer.count))
                return UInt16(bigEndian: address.sin_port)
            }
        case AF_INET6:
            kind = .ipv6
            port = withUnsafeBytes(of: &storage) { bytes in
                var address = bytes.loadUnaligned(as: sockaddr_in6.self)
                inet_ntop(AF_INET6, &address.sin6_addr, &buffer, socklen_t(buffer.count))
                return UInt16(bigEndian: address.sin6_port)
            }
        case AF_UNIX:
            kind = .unix
            port = 0
            withUnsafeBytes(of: &storage) { bytes in
                var address = bytes.loadUnaligned(as: sockaddr_un.self)
                withUnsafeBytes(of: &address.sun_path) { path in
                    buffer.withUnsafeMutableBytes { $0.copyBytes(from: path.prefix(Self.maximumPathBytes)) }
                }
            }
        default:
            return nil
        }
        host = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    var family: Int32 {
        switch kind {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Whether this is a Unix socket.
    public var isUnix: Bool { kind == .unix }

    /// Whether the address is of this machine only: one of the loopback addresses, or a Unix socket.
    public var isLoopback: Bool {
        isUnix || host.hasPrefix("127.") || host == "::1" || host.hasPrefix("::ffff:127.")
    }

    /// `host:port`, with brackets around an IPv6 host; `unix:path` for a Unix socket.
    public var description: String {
        switch kind {
        case .ipv4: "\(host):\(port)"
        case .ipv6: "[\(host)]:\(port)"
        case .unix: "unix:\(host)"
        }
    }

    /// Calls `body` with the address in the kernel's form.
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch kind {
        case .ipv4:
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            inet_pton(AF_INET, host, &address.sin_addr)
            return Self.rebound(&address, body)
        case .ipv6:
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            inet_pton(AF_INET6, host, &address.sin6_addr)
            return Self.rebound(&address, body)
        case .unix:
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            // Shorter than the field in any case, so that the NUL behind it stays.
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: host.utf8.prefix($0.count - 1)) }
            return Self.rebound(&address, body)
        }
    }

    private static func rebound<Address, Result>(
        _ address: inout Address,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
