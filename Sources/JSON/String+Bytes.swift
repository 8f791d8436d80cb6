// Byte-exact comparison of strings. Swift's own `==` follows canonical equivalence ("é" composed equals
// "e" + accent), but RFC 8259 §8.3 and RFC 6902 §4.6 compare code unit by code unit.

import Glibc

extension String {
    /// Whether both strings are the same bytes of UTF-8.
    @inline(__always)
    func hasSameBytes(as other: String) -> Bool {
        let count = utf8.count
        guard count == other.utf8.count else { return false }
        if count == 0 { return true }
        let same = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { right in
                equalBytes(left, right)
            } ?? left.elementsEqual(other.utf8)
        }
        return same ?? utf8.elementsEqual(other.utf8)
    }

    /// Feeds the bytes and their count, so that it agrees with ``hasSameBytes(as:)``.
    func hashBytes(into hasher: inout Hasher) {
        withBytes { bytes in
            hasher.combine(bytes.count)
            hasher.combine(bytes: bytes)
        }
    }

    /// Calls the closure with the UTF-8 bytes.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if let result = utf8.withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) {
            return result
        }
        var copy = self
        return copy.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }

    /// Whether the string precedes the other in the order of their UTF-16 code units (RFC 8785 §3.2.3).
    func precedesInUTF16(_ other: String) -> Bool {
        withBytes { left in
            other.withBytes { right in
                let count = min(left.count, right.count)
                var offset = 0
                while offset < count, left[offset] == right[offset] { offset += 1 }
                guard offset < count else { return left.count < right.count }
                return utf16Rank(left[offset]) < utf16Rank(right[offset])
            }
        }
    }
}

/// UTF-8 bytes order like scalars; UTF-16 differs in one point only: U+E000…U+FFFF (lead bytes EE and EF)
/// come after the surrogate pairs (lead bytes F0…F4). Lifting those two bytes above F4 gives the UTF-16 order.
@inline(__always)
func utf16Rank(_ byte: UInt8) -> UInt8 {
    byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte
}

@inline(__always)
private func equalBytes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return left.count == right.count }
    return leftBase == rightBase || memcmp(leftBase, rightBase, left.count) == 0
}
