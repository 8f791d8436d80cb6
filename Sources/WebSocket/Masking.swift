/// The masking of client payloads (RFC 6455 §5.3). The only file here that computes on raw memory.
enum Masking {
    /// XORs `bytes` with the repeating key, in place, up to 32 bytes at a time.
    ///
    /// - Parameters:
    ///   - key: The four key bytes as a little-endian integer.
    ///   - offset: The position of `bytes` in the frame's payload, so that a payload may arrive in pieces.
    static func apply(key: UInt32, offset: Int, to bytes: UnsafeMutableRawBufferPointer) {
        if key == 0 { return }
        // Turn the key so that its first byte belongs to the first byte of this piece.
        let turn = UInt32(offset & 3) * 8
        let key = turn == 0 ? key : key >> turn | key << (32 - turn)
        let wide = (UInt64(key) << 32 | UInt64(key)).littleEndian
        let vector = SIMD4(repeating: wide)
        var index = 0
        while index + 32 <= bytes.count {
            let words = bytes.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
            bytes.storeBytes(of: words ^ vector, toByteOffset: index, as: SIMD4<UInt64>.self)
            index += 32
        }
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            bytes.storeBytes(of: word ^ wide, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        var rest = key
        while index < bytes.count {
            bytes[index] ^= UInt8(truncatingIfNeeded: rest)
            rest = rest >> 8 | rest << 24
            index += 1
        }
    }
}
