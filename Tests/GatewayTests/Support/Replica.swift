import JSON

/// A client's copy of a stream, kept by the rules of the protocol and by nothing else.
struct Replica {
    private(set) var document: JSON
    private(set) var epoch: String
    private(set) var seq: Int
    private let isFlow: Bool
    /// The parts of a snapshot that have come so far.
    private var parts: [String] = []

    /// Subscribes, and takes the snapshot in its parts where it comes so.
    init(_ client: RPCClient, _ stream: String) async throws {
        let answer = try await client.request("subscribe", ["stream": .string(stream)])
        try self.init(answer)
        for _ in 0..<(answer["parts"]?.int ?? 0) { try take(part: try await client.notification("snapshot")) }
    }

    /// Takes an answer with a snapshot, or one that announces parts.
    init(_ answer: JSON) throws {
        guard answer["mode"] == "snapshot" else { throw Missing(description: "no snapshot") }
        document = answer["snapshot"] ?? .null
        epoch = try (answer["epoch"]?.string).orThrow("no epoch")
        seq = try (answer["seq"]?.int).orThrow("no seq")
        isFlow = answer["stream"]?.string?.hasPrefix("flow:") == true
        if answer["parts"] == nil { try check(answer["digest"]) }
    }

    /// Where the copy stands.
    var position: JSON { ["epoch": .string(epoch), "seq": JSON(seq)] }

    /// Takes the params of an `event` notification.
    /// - Throws: when it leaves a gap, does not fit, or its digest is another one.
    mutating func apply(_ params: JSON) throws {
        guard let next = params["seq"]?.int, (params["since"]?.int ?? next - 1) == seq, next > seq else {
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
        seq = next
        try check(params["digest"])
    }

    /// Takes whatever comes next of the stream.
    mutating func follow(_ client: RPCClient) async throws {
        let message = try await client.news()
        let params = try message["params"].orThrow("no params")
        if message["method"] == "snapshot" { try take(part: params) } else { try apply(params) }
    }

    /// Takes the params of a `snapshot` notification.
    mutating func take(part params: JSON) throws {
        if params["part"] == 0 { parts = [] }
        guard params["part"]?.int == parts.count, let text = params["text"]?.string else {
            throw Missing(description: "part \(params["part"]?.text ?? "") came after \(parts.count) parts")
        }
        parts.append(text)
        guard parts.count == params["parts"]?.int else { return }
        document = try JSON.parse(parts.joined())
        parts = []
        epoch = try (params["epoch"]?.string).orThrow("no epoch")
        seq = try (params["seq"]?.int).orThrow("no seq")
        try check(try params["digest"].orThrow("no digest"))
    }

    private func check(_ digest: JSON?) throws {
        guard let expected = digest?.string else { return }
        let actual = (isFlow ? document["state"] ?? .null : document).digest
        guard expected == actual else {
            throw Missing(description: "digest \(actual) instead of \(expected) at \(seq)")
        }
    }
}
