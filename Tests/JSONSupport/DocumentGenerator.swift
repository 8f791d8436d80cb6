// JSONSupport: random documents and what must hold for all of them, for the tests and for the soak.

public import JSON
public import PropertySupport

/// Random documents and random changes to them.
public struct DocumentGenerator {
    /// Where the chances come from.
    public var random: SeededGenerator

    /// Starts a run that follows from the seed.
    public init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// True in so many of a hundred cases.
    public mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    /// Any value, nesting at most so deep.
    public mutating func value(depth: Int = 4) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 10 : 6), using: &random) {
        case 0: .null
        case 1: .bool(chance(50))
        case 2, 3: .number(number())
        case 4, 5: .string(string())
        case 6, 7: array(depth: depth)
        default: object(depth: depth)
        }
    }

    mutating func number() -> JSONNumber {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return JSONNumber(Int.random(in: -9...9, using: &random))
        case 1: return JSONNumber(Int(truncatingIfNeeded: random.next()))
        case 2: return JSONNumber(random.next())
        case 3: return JSONNumber(Double(Int.random(in: -9999...9999, using: &random)) / 100) ?? JSONNumber(0)
        case 4: return JSONNumber(Double(bitPattern: random.next())) ?? JSONNumber(0)
        default:
            let digits = String(random.next()) + String(random.next())
            return JSONNumber(text: "\(digits.prefix(1)).\(digits)e\(Int.random(in: -400...400, using: &random))")
                ?? JSONNumber(0)
        }
    }

    mutating func string() -> String {
        let alphabet: [Character] = [
            "a", "b", "z", "0", " ", "\"", "\\", "/", "~", "\n", "\u{0}", "\u{1F}", "\u{7F}", "é", "e\u{301}", "€",
            "\u{FFFF}",
            "\u{E000}", "😀", "\u{10FFFF}",
        ]
        let count = Int.random(in: 0...(chance(10) ? 40 : 6), using: &random)
        return String((0..<count).map { _ in alphabet.randomElement(using: &random) ?? "a" })
    }

    /// So many that arrays and objects are kept in chunks.
    private mutating func manyElements() -> Range<Int> { 0..<Int.random(in: 60...200, using: &random) }

    mutating func array(depth: Int) -> JSON {
        if chance(4) {
            let hasRecords = chance(50)
            return .array(manyElements().map { hasRecords ? ["id": JSON($0), "n": .number(number())] : JSON($0 % 50) })
        }
        let count = Int.random(in: 0...6, using: &random)
        if chance(30) { return .array((0..<count).map { _ in record(depth: depth - 1) }) }
        return .array((0..<count).map { _ in value(depth: depth - 1) })
    }

    mutating func record(depth: Int) -> JSON {
        ["id": JSON(Int.random(in: 0...40, using: &random)), "value": value(depth: depth - 1)]
    }

    mutating func object(depth: Int) -> JSON {
        var object = JSONObject()
        if chance(2) { for position in manyElements() { object["k\(position)"] = .number(number()) } }
        for _ in 0..<Int.random(in: 0...(chance(10) ? 40 : 5), using: &random) {
            object[string()] = value(depth: depth - 1)
        }
        return .object(object)
    }

    /// The value with a few changes somewhere inside.
    public mutating func changed(_ value: JSON, depth: Int = 4) -> JSON {
        switch value {
        case .object(var object) where !object.isEmpty && chance(85):
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let key = object.keys.randomElement(using: &random) ?? ""
                switch Int.random(in: 0..<4, using: &random) {
                case 0: object[string()] = self.value(depth: depth - 1)
                case 1: object[key] = nil
                default: object[key] = changed(object[key] ?? .null, depth: depth - 1)
                }
                if object.isEmpty { break }
            }
            return .object(object)
        case .array(var elements) where !elements.isEmpty && chance(90):
            for _ in 0..<Int.random(in: 1...3, using: &random) where !elements.isEmpty {
                let index = elements.indices.randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<6, using: &random) {
                case 0: elements.insert(self.value(depth: depth - 1), at: index)
                case 1: elements.remove(at: index)
                case 2: elements.shuffle(using: &random)
                case 3: elements.append(elements.remove(at: index))
                case 4: elements.insert(record(depth: depth - 1), at: index)
                default: elements[index] = changed(elements[index], depth: depth - 1)
                }
            }
            return .array(elements)
        default:
            return self.value(depth: depth)
        }
    }
}
