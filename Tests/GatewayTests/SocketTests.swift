import Domain
import JSON
import Server
import TestSupport
import Testing

@testable import Gateway

@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct SocketTests {
    @Test(arguments: [
        (#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, 4400),
        ("nonsense", 4400),
        (#"{"jsonrpc":"2.0","method":"hello"}"#, 4400),
        (#"[{"jsonrpc":"2.0","id":1,"method":"hello"}]"#, 4400),
        (#"{"jsonrpc":"2.0","id":1,"method":"hello","params":{"token":7}}"#, 4400),
        (#"{"jsonrpc":"2.0","id":1,"method":"hello"}"#, 4401),
        (#"{"jsonrpc":"2.0","id":1,"method":"hello","params":{"token":"x.y.z"}}"#, 4401),
    ])
    func theFirstMessageMustBeHello(text: String, code: Int) async throws {
        try await SharedWorld.run { world in
            let client = try await world.node.connect()
            try await client.send(text: text)
            #expect(try await client.closeCode() == code)
        }
    }

    @Test func silenceIsNotAnswered() async throws {
        try await World.run { configuration, _ in
            configuration.helloTimeout = .milliseconds(50)
        } _: { world in
            let client = try await world.node.connect()
            #expect(try await client.closeCode() == 4408)
        }
    }

    @Test func helloSaysWhoIsThere() async throws {
        try await SharedWorld.run { world in
            let token = try await world.token(.reviewer, subject: "ann")
            let client = try await world.node.connect([("Authorization", "Bearer \(token)")])
            let hello = try await client.request("hello", ["client": ["name": "test", "version": "1"]])
            #expect(hello["user"]?["id"] == "ann" && hello["tenant"]?["name"] == "acme")
            #expect(try await client.refusal("hello", [:]) == "invalid_request")
            #expect(try await client.refusal("presence.set", [:]) == "method_not_found")
            #expect(try await client.refusal("subscribe", ["stream": "nothing"]) == "not_found")
            #expect(try await client.refusal("patch", ["flow": "x"]) == "forbidden")
            try await client.send(text: "{")
            #expect(try await client.next()["error"]?["code"] == -32700)
            try await client.send(["jsonrpc": "2.0", "id": 5, "method": "ping", "params": [1]])
            #expect(try await client.next()["error"]?["code"] == -32602)
        }
    }

    @Test func aBadTokenOrOriginIsRefusedInTheHandshake() async throws {
        try await World.run { configuration, _ in
            configuration.allowedOrigins = ["https://desk.example"]
        } _: { world in
            await #expect { try await world.node.connect([("Authorization", "Bearer nonsense")]) } throws: {
                ($0 as? RPCClient.Refused)?.answer.status == 401
            }
            let cookie = try #require(
                try await world.login(.viewer).values("Set-Cookie").first { $0.contains("session") }
            )
            let pair = String(cookie.prefix { $0 != ";" })
            for (origin, isAllowed) in [
                ("http://test.local", true), ("https://desk.example", true), ("https://evil.example", false),
                ("http://test.local.evil.example", false), ("null", false), ("", false),
            ] {
                let fields = [("Cookie", pair)] + (origin.isEmpty ? [] : [("Origin", origin)])
                do {
                    let client = try await world.node.connect(fields)
                    #expect(isAllowed, "\(origin)")
                    #expect(try await client.request("hello", [:])["user"]?["roles"] == ["viewer"])
                } catch let refused as RPCClient.Refused {
                    #expect(!isAllowed && refused.answer.code == "origin_not_allowed", "\(origin)")
                }
            }
        }
    }

    @Test func signingOutClosesTheSocketsOfTheSessionEverywhere() async throws {
        try await World.run { world in
            let other = try await Node.start(on: world.database)
            let signIn = try await world.login(.viewer).json()
            let token = try (signIn["access_token"]?.string).orThrow("no token")
            let stranger = try await world.node.connect(as: try await world.token(.viewer))
            var clients: [RPCClient] = []
            for node in [world.node, other] {
                for _ in 0..<3 { clients.append(try await node.connect(as: token)) }
            }
            let out = try await world.node.call("POST", "/v1/auth/logout", as: token)
            #expect(out.status == 204)
            // The token itself would be good for many minutes more.
            for client in clients { #expect(try await client.closeCode() == 4401) }
            #expect(try await stranger.request("ping", [:])["time"] != nil)
            await other.stop()
        }
    }

    @Test func whoSignsOutBeforeHelloIsNotGreeted() async throws {
        try await World.run { world in
            let token = try (try await world.login(.viewer).json()["access_token"]?.string).orThrow("no token")
            let client = try await world.node.connect([("Authorization", "Bearer \(token)")])
            _ = try await world.node.call("POST", "/v1/auth/logout", as: token)
            try await client.post("hello", [:])
            #expect(try await client.closeCode() == 4401)
        }
    }

    @Test func aConnectionOutlivesItsTokenOnlyByANewOne() async throws {
        try await World.run { world in
            let short = try await world.token(.viewer, subject: "ann", lifetime: 2)
            let (left, right) = (try await world.node.connect(as: short), try await world.node.connect(as: short))
            #expect(try await left.notification("auth.expiring")["expires_in"] != nil)
            let strange = try await world.token(.viewer, subject: "bob")
            #expect(try await left.refusal("auth.refresh", ["token": .string(strange)]) == "forbidden")
            let long = try await world.token(.viewer, subject: "ann")
            let answer = try await left.request("auth.refresh", ["token": .string(long)])
            #expect(try #require(answer["expires_in"]?.int) > 3000)
            #expect(try await right.closeCode() == 4401)
            #expect(try await left.request("ping", [:])["time"] != nil)
        }
    }

    @Test func goingDownIsAnnounced() async throws {
        try await World.run { world in
            let client = try await world.node.connect(as: try await world.token(.viewer))
            await world.node.server.drain(within: .seconds(3))
            #expect(try #require(try await client.notification("goaway")["reconnect_after_ms"]?.int) >= 0)
            #expect(try await client.closeCode() == 1012)
        }
    }

    @Test func aFloodIsStopped() async throws {
        try await World.run { configuration, _ in
            configuration.messagesPerSecond = 1
            configuration.messageBurst = 10
        } _: { world in
            let client = try await world.node.connect(as: try await world.token(.viewer))
            for _ in 0..<20 { _ = try? await client.post("ping", [:]) }
            #expect(try await client.closeCode() == 4429)
            #expect(client.closeReason == "too_many_requests: messages_per_second of 1 (message_burst 10)")
        }
    }
}
