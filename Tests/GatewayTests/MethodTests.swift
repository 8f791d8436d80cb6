import Domain
import HTTP
import HTTPTypes
import JSON
import Reactor
import TestSupport
import Testing

@testable import Gateway

/// What the server answers to methods, expectations and bytes that no call is about.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct MethodTests {
    private static let everything = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

    @Test func everyGetCanBeAHead() async throws {
        try await SharedWorld.run { world in
            let flow = try await world.makeFlow(["n": 1])
            let prompt = try await world.ask(flow)["id"]?.string ?? ""
            let admin = try await world.token(.admin)
            for route in Route.all where route.method == .get {
                let id = route.path.text.contains("/prompts/") ? prompt : flow
                let path =
                    "/"
                    + route.path.segments.map { segment in
                        if case .literal(let text) = segment { text } else { id }
                    }.joined(separator: "/")
                let get = try await world.node.call("GET", path, as: admin)
                let head = try await world.node.call("HEAD", path, as: admin)
                #expect(head.status == get.status && head.body.isEmpty, "\(path)")
                // Pages of what happens meanwhile may grow between the two.
                if !["/v1/audit", "/v1/flows", "/v1/prompts"].contains(route.path.text) {
                    #expect(head["Content-Length"] == get["Content-Length"], "\(path)")
                }
                #expect(head["Content-Type"] == get["Content-Type"], "\(path)")
                let options = try await world.node.call("OPTIONS", path)
                #expect(options.status == 204 && options["Allow"]?.hasPrefix("GET, HEAD, ") == true, "\(path)")
            }
        }
    }

    @Test func everyCallIsAmongTheMethodsOfItsPath() async throws {
        try await SharedWorld.run { world in
            for route in Route.all {
                let path = route.path.text.replacing("{id}", with: "x")
                let allow = try await world.node.call("OPTIONS", path)["Allow"] ?? ""
                let methods = allow.split(separator: ", ").map(String.init)
                #expect(methods.contains(route.method.rawValue) && methods.last == "OPTIONS", "\(path): \(allow)")
            }
            for target in ["*", "http://test.local"] {
                let server = try await world.node.call("OPTIONS", target)
                #expect(server.status == 204 && server["Allow"] == Self.everything && server.body.isEmpty)
            }
        }
    }

    @Test(arguments: [
        ("TRACE", "/healthz"), ("TRACE", "/nothing"), ("CONNECT", "test.local:443"), ("BREW", "/healthz"),
        ("get", "/healthz"), ("PROPFIND", "/"),
    ])
    func whatNoCallHasIsNotImplemented(method: String, target: String) async throws {
        try await SharedWorld.run { world in
            let answer = try await world.node.call(method, target)
            #expect(answer.status == 501 && answer.code == "not_implemented" && answer["Allow"] == Self.everything)
            #expect(answer["Content-Type"] == "application/problem+json")
        }
    }

    @Test func theHostOfAnAbsoluteTargetIsTheOneThatCounts() async throws {
        try await SharedWorld.run { world in
            #expect(try await world.node.call("GET", "http://other.example/healthz").status == 200)
            #expect(try await world.node.call("GET", "HTTP://other.example").status == 404)
            // An origin is our own when it is that of the target, whatever Host says.
            let cookies = try await world.login(.viewer).values("Set-Cookie")
            let cookie = cookies.compactMap { $0.split(separator: ";").first }.joined(separator: "; ")
            for (target, origin, expected) in [
                ("http://other.example/v1/ws", "http://other.example", 101),
                ("http://other.example/v1/ws", "http://test.local", 403), ("/v1/ws", "http://test.local", 101),
            ] {
                let fields = [
                    ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
                    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Origin", origin), ("Cookie", cookie),
                ]
                #expect(try await status(of: target, fields, world) == expected, "\(target) from \(origin)")
            }
        }
    }

    @Test func whatTheServerRefusesByItselfIsAProblem() async throws {
        try await SharedWorld.run { world in
            let post = "POST /v1/flows HTTP/1.1\r\nHost: a\r\n"
            let long = String(repeating: "a", count: 40_000)
            let table: [(request: String, status: Int, code: String, limit: String?)] = [
                ("GET / HTTP/1.1\r\n\r\n", 400, "bad_request", nil),
                ("GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n", 400, "bad_request", nil),
                ("GET / HTTP/2.0\r\n\r\n", 505, "http_version_not_supported", nil),
                ("GET /\(long) HTTP/1.1\r\n", 414, "uri_too_long", "max_request_line_bytes"),
                ("GET / HTTP/1.1\r\nA: \(long)\r\n", 431, "headers_too_large", "max_header_bytes"),
                (
                    "GET / HTTP/1.1\r\n\(String(repeating: "a: b\r\n", count: 101))", 431, "headers_too_large",
                    "max_header_count"
                ),
                (post + "Expect: fly\r\nContent-Length: 2\r\n\r\n{}", 417, "expectation_failed", nil),
                (post + "Transfer-Encoding: gzip\r\n\r\n", 501, "not_implemented", nil),
                (
                    post + "Expect: 100-continue\r\nContent-Length: 1048577\r\n\r\n", 413, "content_too_large",
                    "max_body_bytes"
                ),
                (post + "Transfer-Encoding: chunked\r\n\r\n100001\r\n", 413, "content_too_large", "max_body_bytes"),
                (
                    post + "Transfer-Encoding: chunked\r\n\r\n0\r\nA: \(long)\r\n", 431, "headers_too_large",
                    "trailerBytes"
                ),
            ]
            let port = world.node.port
            for row in table {
                let answer = try await Wire.pool.run {
                    let wire = try Wire(port: port)
                    try wire.send(Array(row.request.utf8))
                    var bytes: [UInt8] = []
                    while case let piece = try wire.receive(), !piece.isEmpty { bytes += piece }
                    return try HTTPAnswer(bytes)
                }
                let name = String(row.request.prefix(60))
                #expect(answer.status == row.status && answer.code == row.code, "\(name): \(answer)")
                #expect(answer["Content-Type"] == "application/problem+json" && answer["Connection"] == "close")
                let problem = try answer.json()
                #expect(problem["limit_name"]?.string == row.limit, "\(name): \(answer)")
                #expect((problem["limit"] != nil) == (row.limit != nil), "\(name)")
                #expect(problem["status"] == JSON(row.status) && problem["title"]?.string?.isEmpty == false)
            }
        }
    }

    private func status(of target: String, _ fields: [(String, String)], _ world: World) async throws -> Int {
        let port = world.node.port
        return try await Wire.pool.run {
            let wire = try Wire(port: port)
            try wire.send(HTTPAnswer.request("GET", target, fields))
            var bytes: [UInt8] = []
            while HTTPAnswer.endOfHead(bytes) == nil {
                let piece = try wire.receive()
                if piece.isEmpty { break }
                bytes += piece
            }
            return try HTTPAnswer(bytes).status
        }
    }
}
