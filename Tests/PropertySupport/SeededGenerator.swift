// PropertySupport: what tests of several targets need and that depends on none of them: seeded randomness, and where other
// projects' test vectors lie.

/// SplitMix64: a generator whose whole run follows from the printed seed.
public struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// Starts a run.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Up to `limit` ascending offsets below `count`.
    public mutating func cuts(below count: Int, limit: Int) -> [Int] {
        guard count > 1 else { return [] }
        let amount = Int.random(in: 1...limit, using: &self)
        return Set((0..<amount).map { _ in Int.random(in: 1..<count, using: &self) }).sorted()
    }
}
