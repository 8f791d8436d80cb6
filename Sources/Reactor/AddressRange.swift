/// A block of IPv4 or IPv6 addresses, written as `10.0.0.0/8`, `2001:db8::/32`, or as one address.
///
/// IPv4 addresses and those in the IPv6 form `::ffff:a.b.c.d` are the same (RFC 4291 §2.5.5.2).
public struct AddressRange: Sendable, Hashable {
    private let network: AddressBits
    private let mask: AddressBits

    /// Parses a block; nil for anything else. Bits behind the prefix are ignored.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let bits = SocketAddress(host: String(first), port: 0)?.bits else {
            return nil
        }
        let width = first.contains(":") ? 128 : 32
        var length = width
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(parts[1]),
                (0...width).contains(given)
            else { return nil }
            length = given
        }
        // All of IPv4 is one /96.
        mask = AddressBits(prefix: 128 - width + length)
        network = bits & mask
    }

    /// Whether the address belongs to the block; never for a Unix socket.
    public func contains(_ address: SocketAddress) -> Bool { address.bits.map { $0 & mask == network } ?? false }
}

/// What counts as one client: an IPv4 address, or the /64 of an IPv6 address, which is what one subscriber is given and
/// may choose addresses from as it likes.
public struct ClientNetwork: Sendable, Hashable {
    private let bits: UInt64

    /// The network of a peer; nil for a Unix socket.
    public init?(_ address: SocketAddress) {
        guard let bits = address.bits else { return nil }
        // The upper half of an IPv6 address is never as small as an IPv4 address: 0000::/8 is reserved (RFC 4291 §2.4).
        self.bits = bits.ipv4.map { UInt64($0) } ?? bits.high
    }
}
