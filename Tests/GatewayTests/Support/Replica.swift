import JSON

/// A client's copy of a stream, kept by the rules of the protocol and by nothing else.
struct Replica {
    private(set) var document: JSON
    let epoch: String
    private(set) var seq: Int
    private let isFlow: Bool

    /// Takes an answer with a snapshot.
    init(_ answer: JSON) throws {
        document = try answer["snapshot"].orThrow("no snapshot")
        epoch = try (answer["epoch"]?.string).orThrow("no epoch")
        seq = try (answer["seq"]?.int).orThrow("no seq")
        isFlow = answer["stream"]?.string?.hasPrefix("flow:") == true
        try check(answer["digest"])
    }

    /// Where the copy stands.
    var position: JSON { ["epoch": .string(epoch), "seq": JSON(seq)] }

    /// Takes the params of an `event` notification.
    /// - Throws: when it leaves a gap, does not fit, or its digest is another one.
    mutating func apply(_ params: JSON) throws {
        guard params["seq"]?.int == seq + 1 else {
            throw Missing(description: "\(params["seq"]?.text ?? "nothing") came after \(seq)")
        }
        let root = isFlow ? JSONPointer(tokens: ["state"]) : .root
        switch params["event"]?["type"]?.string {
        case "STATE_DELTA":
            let delta = try JSONPatch(json: params["event"]?["delta"] ?? .null)
            document = try delta.prefixed(by: root).apply(to: document)
        case "STATE_SNAPSHOT":
            try document.set(params["event"]?["snapshot"] ?? .null, at: root)
        default: break
        }
        if let patch = params["patch"] { document = try JSONPatch(json: patch).apply(to: document) }
        seq += 1
        try check(params["digest"])
    }

    private func check(_ digest: JSON?) throws {
        guard let expected = digest?.string else { return }
        let actual = (isFlow ? document["state"] ?? .null : document).digest
        guard expected == actual else {
            throw Missing(description: "digest \(actual) instead of \(expected) at \(seq)")
        }
    }
}
