import Testing

@testable import signalbox

struct QuantityTests {
    @Test(arguments: [
        ("65536", 65_536), ("64KiB", 65_536), ("64 KiB", 65_536), ("100MiB", 104_857_600), ("1GiB", 1 << 30), ("7B", 7),
    ])
    func readsSizes(_ text: String, _ bytes: Int) { #expect(Quantity.size(parsing: text) == bytes) }

    @Test(arguments: [("90", 90), ("90s", 90), ("15m", 900), ("12h", 43_200), ("7d", 604_800)])
    func readsDurations(_ text: String, _ seconds: Int) { #expect(Quantity.duration(parsing: text) == seconds) }

    @Test(arguments: ["", "KiB", "1.5MiB", "9223372036854775807GiB", "12 parsecs", "1kb", "0x10"])
    func refusesSizes(_ text: String) { #expect(Quantity.size(parsing: text) == nil) }

    @Test(arguments: ["", "m", "1w", "9223372036854775807d", "1h30m"])
    func refusesDurations(_ text: String) { #expect(Quantity.duration(parsing: text) == nil) }

    @Test func writesWhatItReads() {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<1000 {
            let value = Int.random(in: 0...1 << 40, using: &generator) >> Int.random(in: 0...40, using: &generator)
            #expect(Quantity.size(parsing: Quantity.size(value)) == value, "seed \(seed)")
            #expect(Quantity.duration(parsing: Quantity.duration(value)) == value, "seed \(seed)")
        }
    }
}

/// SplitMix64: small, and the same numbers everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
