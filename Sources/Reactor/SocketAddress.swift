import CLinux
import Glibc

/// Where a stream socket listens or connects from: an IPv4 or IPv6 address with a port, or a path in the file system.
///
/// Made for each connection that is taken, so it keeps numbers, and words only when asked for them.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    private enum Host: Sendable, Hashable {
        case ipv4(UInt32)
        case ipv6(AddressBits)
        case path(String)
    }

    private let place: Host
    /// The port, 0 to 65535; 0 for a Unix socket.
    public let port: UInt16

    /// The longest path of a Unix socket in bytes, see unix(7).
    public static let maximumPathBytes = 107

    /// Parses a numeric IPv4 or IPv6 host; nil for anything else (names are not looked up).
    public init?(host: String, port: UInt16) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            place = .ipv4(UInt32(bigEndian: four.s_addr))
        } else if inet_pton(AF_INET6, host, &six) == 1 {
            place = .ipv6(AddressBits(six))
        } else {
            return nil
        }
        self.port = port
    }

    /// Names a Unix socket; nil for a path that is empty, longer than ``maximumPathBytes``, or holds a NUL.
    public init?(unixPath path: String) {
        guard (1...Self.maximumPathBytes).contains(path.utf8.count), !path.utf8.contains(0) else { return nil }
        place = .path(path)
        port = 0
    }

    /// Reads an address in the kernel's form (`sockaddr`); nil for a family that is not known here, or too few bytes.
    public init?(kernelForm bytes: UnsafeRawBufferPointer) {
        var storage = sockaddr_storage()
        guard bytes.count >= MemoryLayout<sockaddr_in>.size, bytes.count <= MemoryLayout<sockaddr_storage>.size else {
            return nil
        }
        withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: bytes) }
        self.init(storage: storage)
    }

    init?(storage: sockaddr_storage) {
        var storage = storage
        let family = Int32(storage.ss_family)
        let parts: (Host, UInt16)? = withUnsafeBytes(of: &storage) { bytes in
            switch family {
            case AF_INET:
                let address = bytes.loadUnaligned(as: sockaddr_in.self)
                return (.ipv4(UInt32(bigEndian: address.sin_addr.s_addr)), UInt16(bigEndian: address.sin_port))
            case AF_INET6:
                let address = bytes.loadUnaligned(as: sockaddr_in6.self)
                return (.ipv6(AddressBits(address.sin6_addr)), UInt16(bigEndian: address.sin6_port))
            case AF_UNIX:
                var address = bytes.loadUnaligned(as: sockaddr_un.self)
                let path = withUnsafeBytes(of: &address.sun_path) { $0.prefix { $0 != 0 }.map { $0 } }
                return (.path(String(decoding: path, as: UTF8.self)), 0)
            default: return nil
            }
        }
        guard let (place, port) = parts else { return nil }
        self.place = place
        self.port = port
    }

    var family: Int32 {
        switch place {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .path: AF_UNIX
        }
    }

    /// Whether this is a Unix socket.
    public var isUnix: Bool { if case .path = place { true } else { false } }

    /// Whether the address is of this machine only: one of the loopback addresses, or a Unix socket.
    public var isLoopback: Bool {
        guard let bits else { return true }
        return bits.ipv4.map { $0 >> 24 == 127 } ?? (bits == AddressBits(high: 0, low: 1))
    }

    /// The numeric host; of a Unix socket the path, which is empty for a peer that has none.
    public var host: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        switch place {
        case .ipv4(let number):
            var address = in_addr(s_addr: number.bigEndian)
            inet_ntop(AF_INET, &address, &buffer, socklen_t(buffer.count))
        case .ipv6(let bits):
            var address = bits.address
            inet_ntop(AF_INET6, &address, &buffer, socklen_t(buffer.count))
        case .path(let path): return path
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// `host:port`, with brackets around an IPv6 host; `unix:path` for a Unix socket.
    public var description: String {
        switch place {
        case .ipv4: "\(host):\(port)"
        case .ipv6: "[\(host)]:\(port)"
        case .path(let path): "unix:\(path)"
        }
    }

    /// The address as a number; nil for a Unix socket.
    var bits: AddressBits? {
        switch place {
        case .ipv4(let number): AddressBits(ipv4: number)
        case .ipv6(let bits): bits
        case .path: nil
        }
    }

    /// Calls `body` with the address in the kernel's form.
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch place {
        case .ipv4(let number):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = number.bigEndian
            return Self.rebound(&address, body)
        case .ipv6(let bits):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = bits.address
            return Self.rebound(&address, body)
        case .path(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            // Shorter than the field in any case, so that the NUL behind it stays.
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
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
