public import JSON

/// The documents and patches of a seed as vectors in the form of `protocol/vectors`: what the server makes of them, for
/// others to agree with.
public enum JSONVectors {
    /// The vectors of one seed. Documents are texts, since what reads the vectors may not keep numbers exact.
    public static func vectors(seed: UInt64) throws -> [JSON] {
        var generator = DocumentGenerator(seed: seed)
        let from = generator.value()
        let to = generator.chance(85) ? generator.changed(from) : generator.value()
        let (patch, last) = generator.patch(for: to, count: 4)
        let difference = JSONPatch.diff(from: from, to: to)
        let folded = try difference.folded(with: patch)
        let text = last.text
        let leaves = JSON.array(Self.leaves(of: last)).text
        return [
            apply(difference, to: from, gives: to, "seed \(seed): difference"),
            apply(patch, to: to, gives: last, "seed \(seed): patch"),
            apply(folded, to: from, gives: last, "seed \(seed): both folded"),
            ["kind": "written", "name": "seed \(seed)", "text": JSON(leaves), "written": JSON(leaves)],
            [
                "kind": "canonical", "name": "seed \(seed)", "text": JSON(text),
                "canonical": JSON(String(decoding: last.canonical(), as: UTF8.self)),
            ],
            ["kind": "digest", "name": "seed \(seed)", "text": JSON(text), "digest": JSON(last.digest)],
            [
                "kind": "equal", "name": "seed \(seed)", "left": JSON(from.text), "right": JSON(text),
                "equal": JSON(from == last),
            ],
        ]
    }

    /// What is neither array nor object: JavaScript keeps no order of members whose names look like indices.
    private static func leaves(of value: JSON) -> [JSON] {
        switch value {
        case .array(let elements): elements.flatMap(leaves)
        case .object(let object): object.flatMap { [JSON($0.key)] + leaves(of: $0.value) }
        case .null, .bool, .number, .string: [value]
        }
    }

    private static func apply(_ patch: JSONPatch, to document: JSON, gives result: JSON, _ name: String) -> JSON {
        [
            "kind": "apply", "name": JSON(name), "document": JSON(document.text), "patch": JSON(patch.json.text),
            "result": JSON(result.text),
        ]
    }
}
