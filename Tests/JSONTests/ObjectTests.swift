import JSON
import PropertySupport
import Testing

struct ObjectTests {
    @Test func keepsInsertionOrder() {
        var object: JSONObject = ["b": 1, "a": 2, "b": 3]
        #expect(object.keys == ["b", "a"])
        #expect(object["b"] == 3)
        object["c"] = .null
        object["b"] = nil
        #expect(object.keys == ["a", "c"])
        #expect(object["c"] == .some(.null))
        #expect(object.removeValue(forKey: "zz") == nil)
        #expect(object.map(\.key) == ["a", "c"])
    }

    @Test func equalityIgnoresOrder() {
        let left: JSONObject = ["a": 1, "b": 2]
        let right: JSONObject = ["b": 2, "a": 1]
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(left != ["a": 1, "b": 3])
        #expect(left != ["a": 1, "c": 2])
        #expect(left != ["a": 1])
    }

    @Test func copiesDoNotSeeChanges() {
        let original: JSONObject = ["a": ["b": 1]]
        var copy = original
        copy["a"] = 2
        #expect(original["a"] == ["b": 1])
    }

    /// Random insertions, replacements and removals on both sides of the size where the index begins.
    @Test(arguments: [51, 52, 53] as [UInt64])
    func behavesLikeADictionary(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var object = JSONObject()
        var model: [String: Int] = [:]
        var order: [String] = []
        for step in 0..<1_200 {
            let key = "key-\(Int.random(in: 0..<60, using: &random))"
            if Int.random(in: 0..<100, using: &random) < (step / 200 % 2 == 0 ? 25 : 70) {
                #expect(
                    object.removeValue(forKey: key) == model.removeValue(forKey: key).map { JSON($0) },
                    "seed \(seed)"
                )
                order.removeAll { $0 == key }
            } else {
                if model.updateValue(step, forKey: key) == nil { order.append(key) }
                object[key] = JSON(step)
            }
            let probe = "key-\(Int.random(in: 0..<60, using: &random))"
            #expect(object[probe]?.int == model[probe], "seed \(seed)")
            #expect(object.count == model.count, "seed \(seed)")
        }
        #expect(object.keys == order, "seed \(seed)")
        for (key, value) in model { #expect(object[key]?.int == value, "seed \(seed)") }
    }

    @Test func accessorsAnswerOnlyTheirType() {
        let value: JSON = ["s": "x", "i": 1, "d": 1.5, "b": true, "n": .null, "a": [1, 2], "o": [:]]
        #expect(value["s"]?.string == "x" && value["i"]?.string == nil)
        #expect(value["i"]?.int == 1 && value["d"]?.int == nil && value["d"]?.double == 1.5)
        #expect(value["b"]?.bool == true && value["n"]?.isNull == true && value["a"]?[1] == 2)
        #expect(value["a"]?[2] == nil && value["a"]?[-1] == nil && value["a"]?["x"] == nil && value["zz"] == nil)
        #expect(value["o"]?.object?.isEmpty == true && value["a"]?.array?.count == 2 && value[0] == nil)
    }
}
