import PropertySupport
import Testing
import WebSocket

@Suite("UTF-8 validator")
struct UTF8ValidatorTests {
    private func verdict(_ bytes: [UInt8], cuts: [Int] = []) -> Bool {
        var validator = UTF8Validator()
        var start = 0
        for end in cuts + [bytes.count] {
            if !validator.accept(Array(bytes[start..<end])) { return false }
            start = end
        }
        return validator.isComplete
    }

    @Test("agrees with the standard library on every sequence of up to three bytes near the edges")
    func edges() {
        let edges: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
            0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFE, 0xFF,
        ]
        for first in edges {
            for second in edges {
                for third in edges {
                    for fourth in [0x41, 0x80, 0xBF, 0xC0] as [UInt8] {
                        let bytes = [first, second, third, fourth]
                        for count in 1...4 {
                            let prefix = Array(bytes.prefix(count))
                            let expected = String(validating: prefix, as: UTF8.self) != nil
                            if verdict(prefix) != expected { Issue.record("\(prefix)") }
                        }
                    }
                }
            }
        }
    }

    @Test("agrees with the standard library on long texts with a seeded fault, however cut")
    func long() {
        let seed: UInt64 = 31
        var generator = SeededGenerator(seed: seed)
        let alphabet = ["a", "bcdefghijklmnopq", "é", "€", "𝄞", "\u{0}", "\u{10FFFF}", "\u{D7FF}", "\u{E000}"]
        for _ in 0..<1_000 {
            let text = (0..<30).map { _ in alphabet.randomElement(using: &generator) ?? "" }.joined()
            var bytes = Array(text.utf8)
            if Bool.random(using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            let cuts = generator.cuts(below: bytes.count, limit: 10)
            #expect(verdict(bytes, cuts: cuts) == expected, "seed \(seed), \(bytes) cut at \(cuts)")
        }
    }

    @Test(
        "fails at the first byte that cannot be continued, not later",
        arguments: [
            ([0x80], 1), ([0xC0, 0x80], 1), ([0xC1], 1), ([0xC2, 0x41], 2), ([0xE0, 0x9F, 0xBF], 2),
            ([0xED, 0xA0, 0x80], 2), ([0xE2, 0x82, 0x41], 3), ([0xF0, 0x8F, 0xBF, 0xBF], 2),
            ([0xF4, 0x90, 0x80, 0x80], 2), ([0xF5], 1), ([0xFF], 1), ([0x41, 0x42, 0xF1, 0x80, 0x80, 0xC0], 6),
        ] as [([UInt8], Int)]
    )
    func firstImpossible(bytes: [UInt8], failsAt: Int) {
        var validator = UTF8Validator()
        for (index, byte) in bytes.enumerated() {
            let isAccepted = validator.accept([byte])
            #expect(isAccepted == (index + 1 < failsAt), "byte \(index)")
            if !isAccepted { return }
        }
    }
}
