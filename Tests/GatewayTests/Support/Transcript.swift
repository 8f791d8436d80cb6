import Domain
import JSON

/// A recorded WebSocket session: lines of `{"client": message}`, `{"server": message}` and `{"http": request}`, which stands
/// for an agent at work elsewhere. What differs each time is written as `{{name}}`.
enum Transcript {
    struct Step {
        let line: JSON
        /// How many messages of the server follow it.
        let answers: Int
    }

    /// What is recorded.
    static let script: [Step] = [
        client(1, "hello", ["token": "{{token}}", "client": ["name": "golden", "version": "1"]], answers: 1),
        client(2, "subscribe", ["stream": "flow:{{flow}}"], answers: 1),
        client(
            3,
            "patch",
            ["flow": "{{flow}}", "if_seq": 1, "patch": [["op": "add", "path": "/progress", "value": 1]]],
            answers: 2
        ),
        client(4, "patch", ["flow": "{{flow}}", "if_seq": 1, "patch": []], answers: 1),
        client(
            5,
            "patch",
            ["flow": "{{flow}}", "patch": [["op": "remove", "path": "/nothing"]]],
            answers: 1
        ),
        Step(
            line: [
                "http": [
                    "method": "POST", "path": "/v1/flows/{{flow}}/prompts",
                    "body": [
                        "step": "pay", "kind": "tool_call", "title": "Pay the invoice?", "shown": ["total": 120],
                        "action": [
                            "tool": "pay", "arguments": ["amount": 120],
                            "arguments_schema": [
                                "type": "object", "properties": ["amount": ["type": "integer"]],
                                "required": ["amount"],
                            ],
                        ],
                        "allowed": ["approve", "edit", "reject"],
                    ],
                ]
            ],
            answers: 1
        ),
        client(6, "prompt.claim", ["prompt": "{{id-2}}"], answers: 2),
        client(
            7,
            "prompt.decide",
            [
                "prompt": "{{id-2}}", "verb": "", "shown_digest": "{{digest-1}}", "idempotency_key": "d-1",
            ],
            answers: 1
        ),
        client(
            8,
            "prompt.decide",
            [
                "prompt": "{{id-2}}", "verb": "edit", "arguments": ["amount": "all"], "shown_digest": "{{digest-1}}",
                "idempotency_key": "d-1",
            ],
            answers: 1
        ),
        client(9, "prompt.decide", edited, answers: 2),
        client(10, "prompt.decide", edited, answers: 1),
        client(
            11,
            "prompt.decide",
            [
                "prompt": "{{id-2}}", "verb": "reject", "shown_digest": "{{digest-1}}", "idempotency_key": "d-2",
            ],
            answers: 1
        ),
        client(12, "subscribe", ["stream": "flow:00000000-0000-7000-8000-000000000000"], answers: 1),
        client(13, "resync", ["stream": "flow:{{flow}}"], answers: 1),
        client(14, "unsubscribe", ["stream": "flow:{{flow}}"], answers: 1),
        client(15, "no.such", [:], answers: 1),
    ]

    private static let edited: JSON = [
        "prompt": "{{id-2}}", "verb": "edit", "arguments": ["amount": 100], "reason": "A discount was agreed.",
        "shown_digest": "{{digest-1}}", "idempotency_key": "d-1",
    ]

    private static func client(_ id: Int, _ method: JSON, _ params: JSON, answers: Int) -> Step {
        let message: JSON = ["jsonrpc": "2.0", "id": JSON(id), "method": method, "params": params]
        return Step(line: ["client": message], answers: answers)
    }

    /// Plays lines against a fresh flow on a server.
    struct Player {
        private let world: World
        private let client: RPCClient
        private let agent: String
        private var names: Names

        init(_ world: World) async throws {
            self.world = world
            let flow = try await world.makeFlow(["order": 7])
            let token = try await world.token(.agent, .reviewer)
            agent = token
            client = try await world.node.connect()
            names = Names(known: [flow: "flow", token: "token", world.acme.id.text: "tenant"])
        }

        /// Plays a line, and returns so many messages of the server in a fixed order: answers, then notifications. Between
        /// the two the order is free.
        mutating func play(_ line: JSON, answers: Int) async throws -> [JSON] {
            let real = names.filledIn(line)
            if let message = real["client"] {
                try await client.send(message)
            } else if let request = real["http"] {
                let answer = try await world.node.call(
                    request["method"]?.string ?? "",
                    request["path"]?.string ?? "",
                    as: agent,
                    body: request["body"]?.text
                )
                guard answer.status == 201 else { throw Missing(description: "\(answer)") }
            }
            var messages: [JSON] = []
            for _ in 0..<answers { messages.append(try await client.next()) }
            let sorted = messages.filter { $0["id"] != nil } + messages.filter { $0["id"] == nil }
            var lines: [JSON] = []
            for message in sorted { lines.append(["server": names.named(message)]) }
            return lines
        }
    }
}
