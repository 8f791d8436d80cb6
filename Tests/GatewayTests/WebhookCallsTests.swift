import Domain
import Foundation
import HTTPTypes
import JSON
import Persistence
import TestSupport
import Testing

@testable import Gateway

@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct WebhookCallsTests {
    private func make(_ world: World, _ token: String, _ changes: JSON = [:]) async throws -> HTTPAnswer {
        let body: JSON = ["url": "https://example.org/hook", "description": "ours", "events": ["prompt.*"]]
        return try await world.node.call(
            "POST",
            "/v1/webhooks",
            as: token,
            body: MergePatch.apply(changes, to: body).text
        )
    }

    @Test func aSecretIsShownOnce() async throws {
        try await World.run { world in
            let token = try await world.token(.admin)
            let made = try await make(world, token)
            #expect(made.status == 201)
            let webhook = try made.json()
            let secret = try #require(webhook["secret"]?.string)
            #expect(secret.hasPrefix("whsec_") && Data(base64Encoded: String(secret.dropFirst(6)))?.count == 32)
            #expect(webhook["enabled"] == true && webhook["events"] == ["prompt.*"])
            let path = "/v1/webhooks/\(webhook["id"]?.string ?? "")"
            for answer in [
                try await world.node.call("GET", path, as: token),
                try await world.node.call("GET", "/v1/webhooks", as: token),
                try await world.node.call("PATCH", path, as: token, body: #"{"description":"theirs"}"#),
                try await world.node.call("GET", "/v1/audit", as: token),
            ] {
                #expect(answer.status == 200)
                #expect(!answer.text.contains("whsec_") && !answer.text.contains(secret.dropFirst(6)))
            }
            let rotated = try await world.node.call("POST", "\(path)/secret", as: token).json()
            #expect(rotated["secret"]?.string?.hasPrefix("whsec_") == true && rotated["secret"]?.string != secret)
            #expect(rotated["former_secret_until"]?.string != nil)
        }
    }

    @Test func whatIsChangedAndRemovedIsAudited() async throws {
        try await World.run { world in
            let token = try await world.token(.admin, subject: "ada")
            let id = try await make(world, token).json()["id"]?.string ?? ""
            let path = "/v1/webhooks/\(id)"
            let off = try await world.node.call("PATCH", path, as: token, body: #"{"enabled":false,"events":["*"]}"#)
            #expect(try off.json()["enabled"] == false && off.json()["events"] == ["*"])
            #expect(try off.json()["url"] == "https://example.org/hook" && off.json()["description"] == "ours")
            _ = try await world.node.call("POST", "\(path)/secret", as: token)
            _ = try await world.node.call("POST", "\(path)/test", as: token)
            #expect(try await world.node.call("DELETE", path, as: token).status == 204)
            #expect(try await world.node.call("GET", path, as: token).status == 404)
            #expect(try await world.node.call("DELETE", path, as: token).status == 404)
            let audit = try await world.node.call("GET", "/v1/audit?subject=webhook:\(id)", as: token).json()
            #expect(
                audit["items"]?.array?.compactMap { $0["action"]?.string } == [
                    "webhook.removed", "webhook.tested", "webhook.secret_rotated", "webhook.changed", "webhook.created",
                ]
            )
            #expect(audit["items"]?.array?.allSatisfy { $0["actor"] == "ada" } == true)
        }
    }

    @Test func deliveriesAreListedAndReplayed() async throws {
        try await World.run { world in
            let token = try await world.token(.admin)
            let id = try await make(world, token).json()["id"]?.string ?? ""
            let path = "/v1/webhooks/\(id)"
            let flow = try await world.makeFlow()
            let prompt = try await world.ask(flow)
            let list = try await world.node.call("GET", "\(path)/deliveries?status=pending", as: token).json()
            let delivery = try #require(list["items"]?.array?.first)
            #expect(list["items"]?.array?.count == 1)
            #expect(delivery["type"] == "prompt.opened" && delivery["flow_id"]?.string == flow)
            #expect(delivery["attempts"] == 0 && delivery["last_attempt"] == .null)
            #expect(prompt["flow_id"]?.string == flow)
            let one = "\(path)/deliveries/\(delivery["id"]?.string ?? "")"
            #expect(try await world.node.call("GET", one, as: token).json() == delivery)
            #expect(try await world.node.call("POST", "\(one)/replay", as: token).status == 202)
            // Under way, it can only be waited for.
            let claim = try #require(try await world.node.store.claimDeliveries(limit: 1, each: 1, lease: 60).first)
            let refused = try await world.node.call("POST", "\(one)/replay", as: token)
            #expect(refused.status == 409 && refused.code == "conflict")
            try await world.node.store.transaction(as: world.acme.id) { transaction in
                let attempt = DeliveryAttempt(at: .now(), statusCode: 500, error: "no")
                _ = try await transaction.webhooks.settle(claim, as: .dead, after: attempt, next: nil)
            }
            let dead = try await world.node.call("GET", "\(path)/deliveries?status=dead", as: token).json()
            #expect(dead["items"]?.array?.first?["last_attempt"]?["status_code"] == 500)
            let replayed = try await world.node.call("POST", "\(path)/replay", as: token)
            #expect(try replayed.status == 202 && replayed.json()["replayed"] == 1)
            #expect(try await world.node.call("GET", one, as: token).json()["status"] == "pending")
            // A delivery is found by its own webhook only.
            let other = try await make(world, token).json()["id"]?.string ?? ""
            let strange = "/v1/webhooks/\(other)/deliveries/\(delivery["id"]?.string ?? "")"
            #expect(try await world.node.call("GET", strange, as: token).status == 404)
            #expect(try await world.node.call("POST", "\(strange)/replay", as: token).status == 404)
        }
    }

    @Test(arguments: [
        (#"{"url":"http://example.org/"}"#, "/url"), (#"{"url":"https://10.0.0.1/"}"#, "/url"),
        (#"{"url":"https://a:b@example.org/"}"#, "/url"), (#"{"url":7}"#, "/url"), (#"{"url":null}"#, "/url"),
        (#"{"events":[]}"#, "/events"), (#"{"events":["flow"]}"#, "/events"),
        (#"{"events":["flow.nonsense"]}"#, "/events"), (#"{"events":["custom."]}"#, "/events"),
        (#"{"events":"*"}"#, "/events"), (#"{"enabled":"yes"}"#, "/enabled"),
        (#"{"description":"zero\u0000"}"#, "/description"), (#"{"secret":"whsec_mine"}"#, "/secret"),
    ])
    func whatIsWrongIsNamed(_ changes: String, _ pointer: String) async throws {
        try await World.run { world in
            let token = try await world.token(.admin)
            var body: JSONObject = ["url": "https://example.org/", "events": ["*"]]
            for (key, value) in try JSON.parse(Array(changes.utf8)).object ?? [:] { body[key] = value }
            let answer = try await world.node.call("POST", "/v1/webhooks", as: token, body: JSON.object(body).text)
            #expect(answer.status == 422 && answer.code == "invalid_input", "\(answer)")
            #expect(try answer.json()["errors"]?.array?.first?["pointer"]?.string == pointer)
            let list = try await world.node.call("GET", "/v1/webhooks", as: token).json()
            #expect(list["items"] == [])
        }
    }

    @Test func aTenantHasABoundedNumber() async throws {
        try await World.run { world in
            let token = try await world.token(.admin)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<24 { group.addTask { try await make(world, token).status } }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 201 } == 20 && statuses.count { $0 == 409 } == 4)
            let refused = try await make(world, token)
            #expect(try refused.code == "too_many_webhooks" && refused.json()["limit"] == 20)
        }
    }

    @Test(arguments: [Role.viewer, .reviewer, .operator, .agent])
    func onlyAdminsMay(_ role: Role) async throws {
        try await World.run { world in
            let admin = try await world.token(.admin)
            let id = try await make(world, admin).json()["id"]?.string ?? ""
            let token = try await world.token(role)
            for route in Route.webhooks + Route.webhookDeliveries {
                let path = route.path.text.replacing("{id}", with: id).replacing("{delivery}", with: id)
                let answer = try await world.node.call(route.method.rawValue, path, as: token, body: "{}")
                #expect(answer.status == 403, "\(route.method) \(path): \(answer)")
            }
        }
    }

    /// An agent's own events have names of their own: a receiver takes none of them for a decision.
    @Test func nobodyCanPassAnEventOffAsOurs() async throws {
        try await World.run { world in
            let (admin, agent) = (try await world.token(.admin), try await world.token(.agent))
            let id = try await make(world, admin, ["events": ["*"]]).json()["id"]?.string ?? ""
            let flow = try await world.makeFlow()
            func tell(_ name: String) async throws -> HTTPAnswer {
                let event: JSON = ["type": "CUSTOM", "name": JSON(name), "value": ["outcome": ["verb": "approve"]]]
                return try await world.node.call("POST", "/v1/flows/\(flow)/events", as: agent, body: event.text)
            }
            #expect(try await tell("signalbox.prompt.decided").status == 422)
            #expect(try await tell("prompt.decided").status == 201)
            let list = try await world.node.call("GET", "/v1/webhooks/\(id)/deliveries", as: admin).json()
            let types = list["items"]?.array?.compactMap { $0["type"]?.string }
            #expect(types == ["custom.prompt.decided", "flow.initialized"])
        }
    }
}
