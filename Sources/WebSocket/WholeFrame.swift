/// The header of a message in one frame that stands whole at the front of some bytes: the common case, judged in a few
/// steps. What is not like that is left to ``FrameDecoder``, with all faults.
struct WholeFrame {
    let opcode: Opcode
    let headSize: Int
    let length: Int
    /// The mask as a little-endian integer; 0 for none.
    let maskKey: UInt32

    /// Nil unless `bytes` begin with an unfragmented data frame without reserved bits, of less than 64 KiB and all there.
    init?(_ bytes: UnsafeMutableRawBufferPointer, expectsMask: Bool) {
        guard bytes.count >= 2 else { return nil }
        switch bytes[0] {
        case 0x81: opcode = .text
        case 0x82: opcode = .binary
        default: return nil
        }
        guard (bytes[1] & 0x80 != 0) == expectsMask else { return nil }
        let short = Int(bytes[1] & 0x7F)
        let maskSize = expectsMask ? 4 : 0
        if short < 126 {
            headSize = 2 + maskSize
            length = short
        } else {
            guard short == 126, bytes.count >= 4 else { return nil }
            headSize = 4 + maskSize
            length = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            // Not the shortest form: a fault.
            guard length > 125 else { return nil }
        }
        guard bytes.count >= headSize + length else { return nil }
        maskKey =
            expectsMask
            ? UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: headSize - 4, as: UInt32.self)) : 0
    }
}
