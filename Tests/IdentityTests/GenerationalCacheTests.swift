import Testing

@testable import Identity

struct GenerationalCacheTests {
    @Test func itNeverHoldsMoreThanItsCapacity() {
        var cache = GenerationalCache<Int, Int>(capacity: 10)
        for key in 0..<1000 {
            cache.set(key, for: key)
            #expect(cache.count <= 10)
            #expect(cache.value(for: key) == key)
        }
    }

    @Test func whatIsTouchedStays() {
        var cache = GenerationalCache<Int, String>(capacity: 10)
        cache.set("kept", for: -1)
        for key in 0..<1000 {
            cache.set("x", for: key)
            #expect(cache.value(for: -1) == "kept")
        }
        #expect(cache.value(for: 0) == nil)
    }

    /// Compared with a plain dictionary: whatever is still known is known rightly.
    @Test func whatItKnowsIsRight() {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SplitMix64(state: seed)
        var cache = GenerationalCache<Int, Int>(capacity: 16)
        var truth: [Int: Int] = [:]
        for step in 0..<5000 {
            let key = Int.random(in: 0..<40, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1:
                cache.set(step, for: key)
                truth[key] = step
            case 2:
                cache.remove(key)
                truth[key] = nil
            case 3 where step % 50 == 3:
                cache.filter { $0 % 2 == 0 }
                truth = truth.filter { $0.value % 2 == 0 }
            default:
                if let value = cache.value(for: key) { #expect(value == truth[key], "seed \(seed), step \(step)") }
            }
            #expect(cache.count <= 16, "seed \(seed), step \(step)")
        }
    }
}
