import HTTP
import HTTPTypes
import PropertySupport
import Testing

@Suite("Public HTTP/1.1 vectors")
struct PublicVectorTests {
    private static let seed: UInt64 = 0x5197_A1B0

    /// Refused by the WebSocket handshake, not by the parser: HTTP/1.1 sees a correct upgrade request.
    private static let decidedAbove: Set<String> = ["http11probe/COMP-UPGRADE-INVALID-VER"]

    @Test(
        "each verdict, whole and cut at random points",
        .enabled(if: SharedVectors.arePresent, "the folder shared/vectors is not beside this repository"),
        arguments: ["gunicorn", "h1spec", "http11probe", "http_garden", "llhttp", "smuggler"]
    )
    func verdicts(file: String) throws {
        let vectors = try HTTPVector.load(file)
        try #require(!vectors.isEmpty)
        var generator = SeededGenerator(seed: Self.seed)
        for vector in vectors where !Self.decidedAbove.contains(vector.name) {
            let bytes = try #require(vector.bytes, "\(vector.name): base64")
            let run = ParserRun(bytes)
            #expect(problem(run, vector) == nil, "\(vector.name)")
            for _ in 0..<3 {
                let cuts = generator.cuts(below: bytes.count, limit: 8)
                let cut = ParserRun(bytes, cuts: cuts)
                #expect(cut == run, "\(vector.name) cut at \(cuts), seed \(Self.seed)")
            }
        }
    }

    /// What is wrong with the outcome, or nil.
    private func problem(_ run: ParserRun, _ vector: HTTPVector) -> String? {
        let isWaiting = run.error == nil && !run.isIdle && !run.isFinished
        switch vector.expect {
        case "reject": return run.error != nil ? nil : "accepted"
        case "reject-or-wait": return run.error != nil || isWaiting || run.events.isEmpty ? nil : "accepted"
        case "wait": return isWaiting ? nil : "not waiting: \(run.error.map(\.description) ?? "complete")"
        case "accept":
            if let responses = vector.responses, run.completed != responses {
                return "\(run.completed) requests instead of \(responses)"
            }
            return run.completed > 0 ? nil : run.error.map(\.description) ?? "no request"
        case "any": return nil
        default: return "unknown verdict \(vector.expect)"
        }
    }
}
