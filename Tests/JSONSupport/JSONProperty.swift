import JSON
import PropertySupport

/// What must hold for every document, patch and text. Each is checked for one seed at a time, and says what failed.
public enum JSONProperty: String, CaseIterable, Sendable {
    /// `apply(a, diff(a, b))` is `b`, and the patch is no longer than replacing the whole.
    case diffApplies
    /// `fold(p, q)` does what `p` and then `q` do, and is no longer than both.
    case foldFollows
    /// Canonical text is a fixed point, whatever the order of members, and equal values have one digest.
    case canonicalIsStable
    /// Parsing what was written gives the value, and writing it again the text.
    case textRoundTrips
    /// A patch that fails changes nothing and names its operation.
    case failureIsAtomic

    /// What did not hold.
    public struct Failure: Error, CustomStringConvertible {
        /// The property, the seed that replays it, and what was found.
        public let description: String
    }

    /// Checks one case.
    /// - Throws: ``Failure``, or the error of a step that must not fail.
    public func check(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        switch self {
        case .diffApplies: try checkDiff(&generator, seed)
        case .foldFollows: try checkFold(&generator, seed)
        case .canonicalIsStable: try checkCanonical(&generator, seed)
        case .textRoundTrips: try checkText(&generator, seed)
        case .failureIsAtomic: try checkFailure(&generator, seed)
        }
    }

    private func expect(_ condition: Bool, _ seed: UInt64, _ what: @autoclosure () -> String) throws {
        guard !condition else { return }
        throw Failure(description: "\(rawValue), seed \(seed): \(what())")
    }

    private func checkDiff(_ generator: inout DocumentGenerator, _ seed: UInt64) throws {
        let from = generator.value()
        // Half of the time the two share storage, as versions of a state do, and half of the time they do not.
        let base = generator.chance(50) ? from : try JSON.parse(from.serialized())
        let to = generator.chance(85) ? generator.changed(base) : generator.value()
        let patch = JSONPatch.diff(from: from, to: to)
        try expect(try patch.apply(to: from) == to, seed, "\(patch.json) turns \(from) into something else than \(to)")
        try expect(patch.isEmpty == (from == to), seed, "\(patch.json) between \(from) and \(to)")
        let replacement = JSONPatch(operations: [.replace(.root, to)])
        let (size, whole) = (patch.json.serializedSize(), replacement.json.serializedSize())
        try expect(size <= whole, seed, "\(patch.json) is longer than replacing \(to)")
    }

    private func checkFold(_ generator: inout DocumentGenerator, _ seed: UInt64) throws {
        let document = generator.value()
        var (present, patches) = (document, [JSONPatch]())
        for _ in 0..<Int.random(in: 2...5, using: &generator.random) {
            let patch: JSONPatch
            if generator.chance(40) {
                let next = generator.changed(present)
                patch = JSONPatch.diff(from: present, to: next)
                present = next
            } else {
                let count = Int.random(in: 0...6, using: &generator.random)
                (patch, present) = generator.patch(for: present, count: count)
            }
            patches.append(patch)
        }
        let folded = try JSONPatch.folding(patches)
        let shown = "\(patches.map(\.json)) folded to \(folded.json) on \(document)"
        try expect((try? folded.apply(to: document)) == present, seed, shown)
        let operations = patches.reduce(0) { $0 + $1.operations.count }
        try expect(folded.operations.count <= operations, seed, shown)
    }

    private func checkCanonical(_ generator: inout DocumentGenerator, _ seed: UInt64) throws {
        let value = generator.value()
        let canonical = value.canonical()
        let reread = try JSON.parse(canonical)
        try expect(reread.canonical() == canonical, seed, "\(String(decoding: canonical, as: UTF8.self))")
        let reversed = Self.reversed(value)
        try expect(reversed == value && reversed.digest == value.digest, seed, "\(value)")
    }

    private func checkText(_ generator: inout DocumentGenerator, _ seed: UInt64) throws {
        let value = generator.value()
        let text = value.serialized()
        let reread = try JSON.parse(text)
        try expect(reread == value && reread.hashValue == value.hashValue, seed, "\(value)")
        try expect(reread.serialized() == text && value.serializedSize() == text.count, seed, "\(value)")
    }

    private func checkFailure(_ generator: inout DocumentGenerator, _ seed: UInt64) throws {
        let document = generator.value()
        let before = document.serialized()
        var (patch, _) = generator.patch(for: document, count: 4)
        let failing = patch.operations.count
        patch.operations.append(.remove(JSONPointer(tokens: ["no such member", "at all"])))
        do {
            _ = try patch.apply(to: document)
            try expect(false, seed, "\(patch.json) applies to \(document)")
        } catch let error as JSONPatchError {
            try expect(error.index == failing && document.serialized() == before, seed, "\(error)")
        }
    }

    private static func reversed(_ value: JSON) -> JSON {
        switch value {
        case .object(let object): .object(JSONObject(object.reversed().map { ($0.key, reversed($0.value)) }))
        case .array(let elements): .array(elements.map(reversed))
        default: value
        }
    }
}
