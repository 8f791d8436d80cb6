import PropertySupport
import Testing

@testable import HTTP

@Suite("Byte queue")
struct ByteQueueTests {
    @Test("behaves like an array under seeded appends, takes and searches")
    func model() {
        let seed: UInt64 = 2026
        var generator = SeededGenerator(seed: seed)
        var queue = ByteQueue()
        var model: [UInt8] = []
        for _ in 0..<4_000 {
            if Bool.random(using: &generator) {
                let count = Int.random(in: 0...3_000, using: &generator)
                let bytes = (0..<count).map { _ in UInt8.random(in: 0...40, using: &generator) }
                bytes.withUnsafeBytes { queue.append($0) }
                model += bytes
            } else {
                let amount = Int.random(in: 0...min(model.count, 3_500), using: &generator)
                if Bool.random(using: &generator) {
                    #expect(queue.take(amount) == Array(model.prefix(amount)), "seed \(seed)")
                } else {
                    queue.consume(amount)
                }
                model.removeFirst(amount)
            }
            #expect(queue.count == model.count, "seed \(seed)")
            let start = model.isEmpty ? 0 : Int.random(in: 0..<model.count, using: &generator)
            #expect(queue.firstLineFeed(from: start) == model[start...].firstIndex(of: 10), "seed \(seed)")
        }
    }
}
