import Crypto
import Domain
import JSON
import Persistence
import Reactor
import TestSupport
import Testing

@testable import Gateway

@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct UploadTests {
    private func send(
        _ world: World,
        _ body: [UInt8],
        _ fields: [(String, String)] = [("Content-Type", "text/csv")]
    ) async throws -> HTTPAnswer {
        let token = try await world.token(.operator)
        let all = fields + [("Authorization", "Bearer \(token)")]
        return try await HTTPAnswer.ask(port: world.node.port, "POST", "/v1/uploads", all, body: body)
    }

    private func count(_ world: World) throws -> String {
        let sql = "SELECT count(*) || '/' || (SELECT count(*) FROM signalbox.upload_chunks) FROM signalbox.uploads"
        return try PostgresCluster.shared().run(sql: sql, database: world.database.name)
    }

    @Test func aFileIsKeptAsItWasSent() async throws {
        try await World.run { world in
            let bytes = (0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            let fields = [("Content-Type", "text/csv; charset=utf-8"), ("X-Filename", "Export%20%C3%A4.csv")]
            let answer = try await send(world, bytes, fields)
            #expect(answer.status == 201, "\(answer)")
            let upload = try answer.json()
            #expect(upload["filename"] == "Export ä.csv" && upload["bytes"] == 700_001)
            #expect(upload["sha256"]?.string == SHA256.hash(data: bytes).hex)
            let id = try (upload["id"]?.string).orThrow("no id")
            let shown = try await world.node.call("GET", "/v1/uploads/\(id)", as: try await world.token(.viewer))
            #expect(try shown.json() == upload)
            let stored = try await world.node.store.transaction(as: world.acme.id, .snapshot) { transaction in
                let uploadID = try UploadID(id).orThrow("no id")
                var stored: [UInt8] = []
                var index = 0
                while let chunk = try await transaction.uploads.chunk(index, of: uploadID) {
                    stored += chunk
                    index += 1
                }
                return stored
            }
            #expect(stored == bytes)
            #expect(try count(world) == "1/3")
        }
    }

    @Test func nothingIsLeftOfWhatDidNotArrive() async throws {
        try await World.run { configuration, _ in
            configuration.maximumUploadBytes = 1_000_000
        } _: { world in
            let tooLarge = try await send(world, [UInt8](repeating: 65, count: 1_000_001))
            #expect(tooLarge.status == 413 && tooLarge.code == "content_too_large")
            #expect(try tooLarge.json()["limit"] == 1_000_000)
            let token = try await world.token(.operator)
            let chunked = HTTPAnswer.request(
                "POST",
                "/v1/uploads",
                [("Authorization", "Bearer \(token)"), ("Content-Type", "text/csv"), ("Transfer-Encoding", "chunked")]
            )
            let piece = Array("7a120\r\n".utf8) + [UInt8](repeating: 66, count: 500_000) + Array("\r\n".utf8)
            let port = world.node.port
            // The size is not announced, so it is found out on the way.
            let answer = try await Wire.pool.run {
                let wire = try Wire(port: port)
                try wire.send(chunked + piece + piece + piece)
                var bytes: [UInt8] = []
                while case let more = try wire.receive(), !more.isEmpty { bytes += more }
                return try HTTPAnswer(bytes)
            }
            #expect(answer.status == 413)
            // The connection breaks in the middle.
            try await Wire.pool.run {
                let wire = try Wire(port: port)
                try wire.send(chunked + piece)
                wire.cut()
            }
            let empty = try await send(world, [])
            #expect(empty.status == 422)
            let odd = try await send(world, [1], [("Content-Type", "image/png")])
            #expect(odd.status == 415)
            let path = try await send(world, [1], [("Content-Type", "text/csv"), ("X-Filename", "..%2Fetc%2Fpasswd")])
            #expect(path.status == 400)
            // The broken connection's rest is removed by a task of the server's.
            for _ in 0..<200 where try count(world) != "0/0" { await Task.yield() }
            #expect(try count(world) == "0/0")
        }
    }
}
