import Glibc

/// A block of IPv4 or IPv6 addresses, written as `10.0.0.0/8`, `2001:db8::/32`, or as one address.
///
/// IPv4 addresses and those in the IPv6 form `::ffff:a.b.c.d` are the same (RFC 4291 §2.5.5.2).
public struct AddressRange: Sendable, Hashable {
    /// An address of either kind as a number of 128 bits.
    private let network: UInt128
    private let mask: UInt128

    /// Parses a block; nil for anything else. Bits behind the prefix are ignored.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = UInt128(address: String(first)) else { return nil }
        let isIPv4 = !first.contains(":")
        let width = isIPv4 ? 32 : 128
        var length = width
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(parts[1]),
                (0...width).contains(given)
            else { return nil }
            length = given
        }
        // A shift by the full width gives 0, which is the mask of /0.
        mask = UInt128.max << (width - length)
        // All of IPv4 is one /96 of IPv6.
        network = address & mask
    }

    /// Whether the address belongs to the block; never for a Unix socket.
    public func contains(_ address: SocketAddress) -> Bool {
        guard !address.isUnix, let number = UInt128(address: address.host) else { return false }
        return number & mask == network
    }
}

/// What counts as one client: an IPv4 address, or the /64 of an IPv6 address, which is what one subscriber is given and
/// may choose addresses from as it likes.
public struct ClientNetwork: Sendable, Hashable {
    private let bits: UInt64

    /// The network of a peer; nil for a Unix socket.
    public init?(_ address: SocketAddress) {
        guard !address.isUnix, let number = UInt128(address: address.host) else { return nil }
        let isIPv4 = number >> 32 == UInt128.mappedIPv4 >> 32
        // The upper half of an IPv6 address is never as small as an IPv4 address: 0000::/8 is reserved (RFC 4291 §2.4).
        bits = UInt64(truncatingIfNeeded: isIPv4 ? number & 0xFFFF_FFFF : number >> 64)
    }
}

extension UInt128 {
    /// `::ffff:0.0.0.0`
    fileprivate static let mappedIPv4: UInt128 = 0xFFFF_0000_0000

    /// A numeric address in network order, IPv4 in its IPv6 form; nil for anything else.
    fileprivate init?(address: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, address, &four) == 1 {
            self = Self.mappedIPv4 | UInt128(UInt32(bigEndian: four.s_addr))
        } else if inet_pton(AF_INET6, address, &six) == 1 {
            self = withUnsafeBytes(of: &six) { UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self)) }
        } else {
            return nil
        }
    }
}
