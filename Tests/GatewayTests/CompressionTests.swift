import CZlib
import Domain
import HTTP
import HTTPTypes
import JSON
import Reactor
import Server
import TestSupport
import Testing

@testable import Gateway

/// Answers of the API in the gzip coding.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct CompressionTests {
    private static let gzip = ("Accept-Encoding", "gzip, deflate, br")

    @Test(arguments: [3000, 300_000])
    func aDocumentIsCompressedForThoseWhoAcceptIt(size: Int) async throws {
        try await SharedWorld.run { world in
            let flow = try await world.makeFlow(["text": .string(String(repeating: "signal ", count: size / 7))])
            let viewer = try await world.token(.viewer)
            let path = "/v1/flows/\(flow)"
            let plain = try await world.node.call("GET", path, as: viewer)
            #expect(plain["Content-Encoding"] == nil && plain["Vary"] == "accept-encoding")
            let coded = try await world.node.call("GET", path, as: viewer, [Self.gzip])
            #expect(coded.status == 200 && coded["Content-Encoding"] == "gzip" && coded["Vary"] == "accept-encoding")
            #expect(coded["Content-Length"] == String(coded.body.count) && coded.body.count < plain.body.count / 4)
            #expect(try Self.unzipped(coded.body, room: plain.body.count) == plain.body)
            let head = try await world.node.call("HEAD", path, as: viewer, [Self.gzip])
            #expect(head["Content-Length"] == coded["Content-Length"] && head.body.isEmpty)

            // The tags differ, and either names the position.
            let tags = [try #require(plain["ETag"]), try #require(coded["ETag"])]
            #expect(tags == ["\"1\"", "\"1-gz\""])
            for tag in tags {
                let known = try await world.node.call("GET", path, as: viewer, [Self.gzip, ("If-None-Match", tag)])
                #expect(known.status == 304 && known["ETag"] == tag && known.body.isEmpty)
            }
            let change = try await world.node.call(
                "PUT",
                "\(path)/state",
                as: try await world.token(.agent),
                [("If-Match", tags[1])],
                body: "{}"
            )
            #expect(change.status == 200)
        }
    }

    @Test func whatIsSmallOrSecretOrRefusedIsLeftAsItIs() async throws {
        try await World.run { configuration, _ in
            configuration.minimumCompressedBytes = 100
        } _: { world in
            let login: JSON = [
                "tenant": "acme", "email": "viewer@example.test", "password": .string(World.password),
            ]
            let tokens = try await world.node.call("POST", "/v1/auth/login", [Self.gzip], body: login.text)
            #expect(tokens.status == 200 && tokens.body.count > 100 && tokens["Content-Encoding"] == nil)
            let health = try await world.node.call("GET", "/healthz", [Self.gzip])
            #expect(health["Content-Encoding"] == nil && health["Vary"] == nil)
            let missing = try await world.node.call(
                "GET",
                "/v1/flows/x",
                as: try await world.token(.viewer),
                [Self.gzip]
            )
            #expect(missing.status == 404 && missing["Content-Encoding"] == nil)
        }
    }

    @Test func aClientThatRefusesThePlainFormGetsNothingElse() async throws {
        try await SharedWorld.run { world in
            let small = try await world.node.call("GET", "/healthz", [("Accept-Encoding", "gzip, identity;q=0")])
            #expect(small.status == 200 && small["Content-Encoding"] == "gzip")
            #expect(try JSON.parse(try Self.unzipped(small.body, room: 100)) == ["status": "ok"])
            let nothing = try await world.node.call("GET", "/healthz", [("Accept-Encoding", "br, *;q=0")])
            #expect(nothing.status == 406 && nothing.code == "not_acceptable")
            // Refused before it is done: afterwards the client would not know that it was.
            let flows = { try await world.node.call("GET", "/v1/flows", as: try await world.token(.viewer)).text }
            let before = try await flows()
            let create = try await world.node.call(
                "POST",
                "/v1/flows",
                as: try await world.token(.agent),
                [("Accept-Encoding", "*;q=0")],
                body: #"{"type":"external","title":"Unwanted"}"#
            )
            #expect(create.status == 406)
            #expect(try await flows().contains("Unwanted") == before.contains("Unwanted"))
            let login = try await world.node.call(
                "POST",
                "/v1/auth/login",
                [("Accept-Encoding", "gzip, identity;q=0")],
                body: "{}"
            )
            #expect(login.status == 406)
        }
    }

    @Test func whatMayNotBeTransformedIsNot() async throws {
        let pool = BlockingPool(threads: 1)
        defer { pool.shutDown() }
        let compressor = ResponseCompressor(minimumBytes: 10, pool: pool)
        let head = RequestHead(method: .get, target: "/", headers: [.acceptEncoding: "gzip"])
        let route = Route(.get, "/x", .open, "A call.", answers: [Route.Answer(200)]) { _ in .empty }
        let content = [UInt8](repeating: 0x61, count: 1000)
        func coding(_ status: Int, _ headers: HTTPFields) async -> String? {
            let response = Response(status: .init(code: status), headers: headers, body: .bytes(content))
            return await compressor.compress(response, to: head, route).headers[.contentEncoding]
        }
        let json: HTTPFields = [.contentType: "application/json"]
        #expect(await coding(200, json) == "gzip")
        for (name, value) in [
            (HTTPField.Name.cacheControl, "no-store, No-Transform"), (.contentEncoding, "br"), (.acceptRanges, "bytes"),
            (.contentType, "image/png"), (.contentType, "text/event-stream"), (.contentType, "?"),
        ] {
            var headers = json
            headers[name] = value
            #expect(await coding(200, headers) == (name == .contentEncoding ? "br" : nil), "\(name): \(value)")
        }
        #expect(await coding(206, json) == nil)
        #expect(await coding(200, [:]) == nil)
    }

    /// What zlib's own decoder makes of it.
    private static func unzipped(_ coded: [UInt8], room: Int) throws -> [UInt8] {
        var stream = z_stream()
        try #require(czlib_inflate_init(&stream, 31) == Z_OK)
        defer { inflateEnd(&stream) }
        var input = coded
        var output = [UInt8](repeating: 0, count: room + 1)
        let code = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        try #require(code == Z_STREAM_END && stream.avail_in == 0)
        return Array(output[..<Int(stream.total_out)])
    }
}
