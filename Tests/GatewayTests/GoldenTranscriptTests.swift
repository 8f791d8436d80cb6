import Foundation
import JSON
import TestSupport
import Testing

@testable import Gateway

/// Replays `protocol/golden/transcript.jsonl` against a real server. `SIGNALBOX_UPDATE_PROTOCOL=1 swift test` records it anew.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct GoldenTranscriptTests {
    private static let file = "golden/transcript.jsonl"

    @Test func theTranscriptIsStillTrue() async throws {
        try await World.run { configuration, _ in
            let standard = GatewayConfiguration()
            configuration.messagesPerSecond = standard.messagesPerSecond
            configuration.messageBurst = standard.messageBurst
        } _: { world in
            if ProtocolFolder.isUpdating {
                var recorder = try await Transcript.Player(world)
                var lines: [JSON] = []
                for step in Transcript.script {
                    lines.append(step.line)
                    lines += try await recorder.play(step.line, answers: step.answers)
                }
                let text = lines.map { $0.text + "\n" }.joined()
                try ProtocolFolder.write(Data(text.utf8), to: Self.file)
            }
            let text = String(decoding: try ProtocolFolder.read(Self.file), as: UTF8.self)
            let lines = try text.split(separator: "\n").map { try JSON.parse(String($0)) }
            #expect(lines.count > 15)
            var player = try await Transcript.Player(world)
            var index = 0
            while index < lines.count {
                let line = lines[index]
                let expected = lines[(index + 1)...].prefix { $0["server"] != nil }
                let answers = try await player.play(line, answers: expected.count)
                #expect(answers == Array(expected), "after \(line.text)")
                index += 1 + expected.count
            }
        }
    }
}
