import Glibc

/// An IPv4 or IPv6 address as a number of 128 bits, IPv4 in its IPv6 form `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2).
///
/// Two words and not one `UInt128`: Swift 6.3 misaligns those in closures that capture them, and the process ends there.
struct AddressBits: Sendable, Hashable {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// An IPv4 address.
    init(ipv4: UInt32) { self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(ipv4)) }

    init(_ address: in6_addr) {
        var address = address
        self = withUnsafeBytes(of: &address) { bytes in
            AddressBits(
                high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    /// The first `length` bits, 0 to 128.
    init(prefix length: Int) {
        // A shift by the full width gives 0.
        high = UInt64.max << max(0, 64 - length)
        low = UInt64.max << min(64, 128 - length)
    }

    /// The IPv4 address; nil when it is another one.
    var ipv4: UInt32? { high == 0 && low >> 32 == 0xFFFF ? UInt32(truncatingIfNeeded: low) : nil }

    /// The address in the kernel's form.
    var address: in6_addr {
        var address = in6_addr()
        withUnsafeMutableBytes(of: &address) { bytes in
            bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }

    /// The bits that both have.
    static func & (one: AddressBits, other: AddressBits) -> AddressBits {
        AddressBits(high: one.high & other.high, low: one.low & other.low)
    }
}
