// Distinct counting in fixed memory (Flajolet et al. 2007). The hash is our own and unseeded, so that a step that is
// run again after a crash reports the same estimate.

internal import Glibc

/// Estimates how many distinct values were added; 1024 registers give a standard error of 3.25 %.
struct HyperLogLog {
    private static let bits = 10
    private static let count = 1 << bits
    private var registers: [UInt8] = []

    mutating func insert(_ bytes: some Sequence<UInt8>) {
        if registers.isEmpty { registers = Array(repeating: 0, count: Self.count) }
        let hash = StableHash.hash(bytes)
        let index = Int(hash >> UInt64(64 - Self.bits))
        let rank = UInt8(min((hash << UInt64(Self.bits)).leadingZeroBitCount, 64 - Self.bits) + 1)
        registers[index] = max(registers[index], rank)
    }

    var estimate: Int {
        guard !registers.isEmpty else { return 0 }
        let size = Double(Self.count)
        var sum = 0.0
        var zeros = 0
        for register in registers {
            sum += 1 / Double(UInt64(1) << UInt64(register))
            if register == 0 { zeros += 1 }
        }
        let raw = 0.7213 / (1 + 1.079 / size) * size * size / sum
        // Small range: linear counting is more exact there.
        if raw <= 2.5 * size, zeros > 0 { return Int(size * log(size / Double(zeros))) }
        return Int(raw)
    }
}

/// A 64-bit hash that is the same in every process: FNV-1a with the finaliser of MurmurHash3.
enum StableHash {
    static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ hash >> 33
    }
}
