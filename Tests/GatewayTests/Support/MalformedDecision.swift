import JSON

/// Numbers that follow from a seed.
struct SeededGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// Answers that must never count as one.
enum MalformedDecision {
    /// One of them, for a prompt that allows approve, edit with an object that has an integer `n`, and reject.
    static func make(of prompt: JSON, using generator: inout SeededGenerator) -> JSON {
        let key = "k\(generator.next())"
        var decision: JSONObject = [
            "prompt": prompt["id"] ?? .null, "verb": "approve", "shown_digest": prompt["shown_digest"] ?? .null,
            "idempotency_key": .string(key),
        ]
        let junk: [JSON] = [.null, "", 0, true, [], [:], "APPROVE", "approve ", "yes", "ok", "Approve", ["approve"]]
        func pick(_ values: [JSON]) -> JSON { values.randomElement(using: &generator) ?? .null }
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: decision["verb"] = pick(junk)
        case 1: _ = decision.removeValue(forKey: "verb")
        case 2: decision["verb"] = pick(["respond", "ignore"])
        case 3:
            decision["verb"] = "edit"
            decision["response"] = pick(junk + [["n": "1"], ["n": 1.5], ["m": 1], [1]])
        case 4: decision["shown_digest"] = pick(junk + ["sha256:0000"])
        case 5: decision["idempotency_key"] = pick([.null, "", 0, [], .string(String(repeating: "k", count: 201))])
        case 6: decision["version"] = pick([2, 0, -1, "1", 1.5, []])
        case 7: decision["response"] = pick(["", [:], ["n": 1], false])
        case 8: decision["approve"] = true
        default: decision["arguments"] = pick([[:], "", 1])
        }
        return .object(decision)
    }
}
