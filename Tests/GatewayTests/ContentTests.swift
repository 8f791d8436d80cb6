import Domain
import Identity
import JSON
import Reactor
import Testing

@testable import Gateway

struct ContentTests {
    private func pointers(_ body: () throws(Problem) -> Void) -> [String] {
        do {
            try body()
            return []
        } catch {
            return error.members["errors"]?.array?.compactMap { $0["pointer"]?.string } ?? [error.code.rawValue]
        }
    }

    @Test(arguments: [
        (#"{"verb":"approve","shown_digest":"d","idempotency_key":"k"}"#, []),
        (#"{"verb":"approve","shown_digest":"d","idempotency_key":"k","reason":null,"response":null}"#, []),
        (#"{}"#, ["/verb", "/shown_digest", "/idempotency_key"]),
        (#"{"verb":"Approve","shown_digest":"d","idempotency_key":"k"}"#, ["/verb"]),
        (#"{"verb":1,"shown_digest":"","idempotency_key":[]}"#, ["/verb", "/shown_digest", "/idempotency_key"]),
        (#"{"verb":"approve","shown_digest":"d","idempotency_key":"k","version":1.5}"#, ["/version"]),
        (#"{"verb":"approve","shown_digest":"d","idempotency_key":"k","also/this":1}"#, ["/also~1this"]),
        ("[]", [""]), ("null", [""]),
    ])
    func everythingWrongInADecisionIsSaid(text: String, expected: [String]) throws {
        let json = try JSON.parse(text)
        #expect(pointers { () throws(Problem) in _ = try Decision(request: json) } == expected)
    }

    @Test func theHeaderStandsInForTheKey() throws {
        let json: JSON = ["verb": "reject", "shown_digest": "d"]
        #expect(try Decision(request: json, key: "h").idempotencyKey == "h")
        let both: JSON = ["verb": "reject", "shown_digest": "d", "idempotency_key": "k"]
        #expect(try Decision(request: both, key: "h").idempotencyKey == "k")
    }

    @Test(arguments: [
        (#"{"step":"s","kind":"choice","title":"T","allowed":["respond"]}"#, []),
        (#"{"kind":"?","allowed":"approve"}"#, ["/step", "/kind", "/title", "/allowed"]),
        (#"{"step":"s","kind":"choice","title":"T","allowed":["yes"],"x":1}"#, ["/x", "/allowed"]),
        (#"{"step":"s","kind":"choice","title":"T","allowed":["ignore"],"policy":{"need":2}}"#, ["/policy/need"]),
        (
            #"{"step":"s","kind":"choice","title":"T","allowed":["ignore"],"policy":{"on_expiry":"approve"}}"#,
            ["/policy/on_expiry"]
        ),
        (
            #"{"step":"s","kind":"choice","title":"T","allowed":["ignore"],"assignees":{"roles":["king"]}}"#,
            ["/assignees/roles"]
        ),
        (
            #"{"step":"s","kind":"choice","title":"T","allowed":["ignore"],"policy":{"expires_at":"soon"}}"#,
            ["/policy/expires_at"]
        ),
    ])
    func everythingWrongInAPromptIsSaid(text: String, expected: [String]) throws {
        let json = try JSON.parse(text)
        #expect(pointers { () throws(Problem) in _ = try PromptRequest(json) } == expected)
    }

    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8::7", "2001:db8:0:0::/64"),
        ("::1", "0:0:0:0::/64"), ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
    ])
    func anAddressOfIPv6CountsAsItsNetwork(host: String, expected: String) throws {
        let peer = try #require(SocketAddress(host: host, port: 1))
        #expect(RequestOrigin(peer, channel: "http").address == expected)
    }
}
