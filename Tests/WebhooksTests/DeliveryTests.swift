import Domain
import FlowSupport
import Foundation
import JSON
import Ledger
import Reactor
import TestSupport
import Testing

@testable import Webhooks

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"), .timeLimit(.minutes(2)))
struct DeliveryTests {
    @Test func whatIsCommittedIsToldAndSigned() async throws {
        try await Bench.run { bench in
            let receiver = try HTTPReceiver()
            let webhook = try await bench.webhook(receiver.url("/hook"), ["flow.*", "step.started", "custom.a.b"])
            let flow = try await bench.flow()
            try await bench.append(
                ["type": "RUN_STARTED", "threadId": "t", "runId": "r"],
                ["type": "STEP_STARTED", "stepName": "s"],
                ["type": "CUSTOM", "name": "a.b", "value": ["n": 1]],
                ["type": "CUSTOM", "name": "a.c", "value": 2],
                to: flow
            )
            try await bench.append(["type": "RUN_FINISHED", "threadId": "t", "runId": "r"], to: flow)
            try await bench.delivering { _ in
                try await Bench.until { receiver.requests.count == 4 }
                try await Bench.until { try await bench.deliveries(webhook, .delivered).count == 4 }
            }
            let requests = receiver.requests.sorted {
                $0.json["data"]?["seq"]?.int ?? 0 < $1.json["data"]?["seq"]?.int ?? 0
            }
            #expect(requests.map(\.type) == ["flow.initialized", "step.started", "custom.a.b", "flow.succeeded"])
            #expect(Set(requests.map(\.id)).count == 4)
            for request in requests {
                #expect(request.method == "POST" && request.path == "/hook")
                #expect(request.headers["content-type"] == "application/json")
                #expect(request.json["id"]?.string == request.id)
                #expect(request.json["data"]?["flow_id"]?.string == flow.text)
                #expect(request.json["data"]?["flow_type"]?.string == "external")
                let signature = try request.signature(with: webhook.secret.text)
                #expect(request.headers["webhook-signature"] == signature)
                let age = try #require(request.headers["webhook-timestamp"].flatMap { Int64($0) })
                #expect(abs(Timestamp.now().seconds - age) < 60)
            }
            #expect(requests[1].json["data"]?["step"]?.string == "s")
            #expect(requests[2].json["data"]?["value"] == ["n": 1])
            let attempts = try await bench.deliveries(webhook).map(\.last)
            #expect(attempts.allSatisfy { $0?.statusCode == 204 && $0?.error == nil })
        }
    }

    @Test func whatIsNotCommittedIsNotTold() async throws {
        struct Refused: Error {}
        try await Bench.run { bench in
            let webhook = try await bench.webhook("http://127.0.0.1:1/")
            let flow = try await bench.flow()
            let before = try await bench.deliveries(webhook).count
            await #expect(throws: Refused.self) {
                try await bench.flows.within {
                    try await bench.flows.ledger.write(flow, by: "robot") { writer in
                        writer.emit(["type": "STEP_STARTED", "stepName": "s"])
                        throw Refused()
                    }
                }
            }
            await #expect(throws: Refused.self) {
                try await bench.flows.within {
                    try await bench.flows.ledger.change(flow, by: "robot") { draft in
                        draft.emit(["type": "STEP_STARTED", "stepName": "s"])
                        throw Refused()
                    }
                }
            }
            #expect(try await bench.deliveries(webhook).count == before)
            try await bench.step("s", of: flow)
            #expect(try await bench.deliveries(webhook).count == before + 1)
        }
    }

    @Test func whoIsSwitchedOffOrOfAnotherTenantIsNotTold() async throws {
        try await Bench.run { bench in
            let off = try await bench.webhook("http://127.0.0.1:1/", isEnabled: false)
            let other = try await bench.database.makeTenant("bolt")
            let stranger = Webhook(
                id: .generate(),
                url: "http://127.0.0.1:1/",
                description: "",
                events: ["*"],
                isEnabled: true,
                secret: .generate(),
                createdBy: "b",
                createdAt: .now(),
                updatedAt: .now()
            )
            #expect(
                try await bench.database.store.transaction(as: other.id) {
                    try await $0.webhooks.insert(stranger, limit: 1)
                }
            )
            try await bench.step("s", of: try await bench.flow())
            #expect(try await bench.deliveries(off) == [])
            let theirs = try await bench.database.store.transaction(as: other.id) {
                try await $0.webhooks.deliveries(of: stranger.id, status: nil, limit: 10, cursor: nil)
            }
            #expect(theirs?.items == [])
        }
    }

    // MARK: Bad receivers

    @Test func aReceiverThatFailsIsTriedAgainUnderTheSameID() async throws {
        try await Bench.run { bench in
            let receiver = try HTTPReceiver { _, number in number < 2 ? .answer(500) : .answer(200) }
            let webhook = try await bench.webhook(receiver.url(), ["step.*"])
            try await bench.step("s", of: try await bench.flow())
            try await bench.delivering { deliverer in
                try await Bench.until { try await bench.deliveries(webhook, .delivered).count == 1 }
                #expect(deliverer.counters[.failed] == 2 && deliverer.counters[.delivered] == 1)
            }
            #expect(receiver.requests.count == 3 && Set(receiver.requests.map(\.id)).count == 1)
            #expect(Set(receiver.requests.map(\.body)).count == 1)
            #expect(try await bench.deliveries(webhook).first?.attempts == 3)
        }
    }

    @Test func whatIsGivenUpCanBeReplayed() async throws {
        try await Bench.run { bench in
            let receiver = try HTTPReceiver { request, number in number < 6 ? .answer(503) : .answer(200) }
            let webhook = try await bench.webhook(receiver.url(), ["step.*"])
            let flow = try await bench.flow()
            for name in ["a", "b"] { try await bench.step(name, of: flow) }
            try await bench.delivering { deliverer in
                try await Bench.until { try await bench.deliveries(webhook, .dead).count == 2 }
                #expect(deliverer.counters[.dead] == 2)
                let dead = try await bench.deliveries(webhook, .dead)
                #expect(dead.allSatisfy { $0.attempts == 3 && $0.nextAt == nil && $0.last?.statusCode == 503 })
                let again = try await bench.flows.within {
                    try await bench.commands.replay(dead[0].id, of: webhook.id, by: bench.admin, at: .now())
                }
                #expect(again.status == .pending && again.attempts == 0)
                try await Bench.until { try await bench.deliveries(webhook, .delivered).count == 1 }
                let count = try await bench.flows.within {
                    try await bench.commands.replayDead(of: webhook.id, by: bench.admin, at: .now())
                }
                #expect(count == 1)
                try await Bench.until { try await bench.deliveries(webhook, .delivered).count == 2 }
            }
            #expect(receiver.requests.count == 8 && Set(receiver.requests.map(\.id)).count == 2)
        }
    }

    @Test func aReceiverMaySayWhenItWantsToBeAskedAgain() async throws {
        try await Bench.run { bench in
            let receiver = try HTTPReceiver { _, _ in .answer(429, headers: [("Retry-After", "3600")]) }
            let webhook = try await bench.webhook(receiver.url(), ["step.*"])
            try await bench.step("s", of: try await bench.flow())
            try await bench.delivering { _ in
                try await Bench.until { try await bench.deliveries(webhook).first?.last != nil }
            }
            let delivery = try #require(try await bench.deliveries(webhook).first)
            let next = try #require(delivery.nextAt)
            #expect(delivery.status == .pending && delivery.attempts == 1)
            #expect((3500...3600).contains(next.seconds - Timestamp.now().seconds))
        }
    }

    @Test func aReceiverThatIsGoneIsToldNothingMore() async throws {
        try await Bench.run { bench in
            let receiver = try HTTPReceiver { _, _ in .answer(410) }
            let webhook = try await bench.webhook(receiver.url(), ["step.*"])
            let flow = try await bench.flow()
            try await bench.step("a", of: flow)
            try await bench.delivering { _ in
                try await Bench.until { try await bench.deliveries(webhook, .dead).count == 1 }
            }
            let stored = try #require(try await bench.stored(webhook))
            #expect(!stored.isEnabled && stored.disabledReason != nil)
            try await bench.step("b", of: flow)
            #expect(try await bench.deliveries(webhook).count == 1)
            let audit = try await bench.database.store.transaction(as: bench.tenant.id) {
                try await $0.audit.list(action: "webhook.disabled", subject: nil, limit: 10, cursor: nil)
            }
            #expect(audit?.items.map(\.actor) == ["system:webhooks"])
        }
    }

    @Test func oneThatHangsHoldsUpNobodyElse() async throws {
        try await Bench.run { bench in
            let (deaf, good) = (try HTTPReceiver { _, _ in .silence }, try HTTPReceiver())
            let slow = try await bench.webhook(deaf.url(), ["step.*"])
            let quick = try await bench.webhook(good.url(), ["step.*"])
            let flow = try await bench.flow()
            for number in 0..<20 { try await bench.step("\(number)", of: flow) }
            let limits: (inout WebhookDeliverer.Limits) -> Void = {
                $0.inFlight = 4
                $0.inFlightPerWebhook = 2
                $0.timeout = .seconds(60)
            }
            try await bench.delivering(configure: limits) { _ in
                try await Bench.until { try await bench.deliveries(quick, .delivered).count == 20 }
                #expect(deaf.requests.count == 2)
            }
            // What was under way is given back when the process stops, and not held against the receiver.
            let pending = try await bench.deliveries(slow, .pending)
            #expect(pending.count == 20 && pending.count { $0.last?.error == "the server was stopped" } == 2)
        }
    }

    @Test(arguments: ["http://localhost", "http://127.0.0.1", "http://[::1]"])
    func addressesThatAreNotPublicAreNotConnectedTo(_ host: String) async throws {
        try await Bench.run { bench in
            let receiver = try HTTPReceiver()
            let webhook = try await bench.webhook("\(host):\(receiver.port)/", ["step.*"])
            try await bench.step("s", of: try await bench.flow())
            var strict = ReceiverPolicy()
            strict.allowsPlainHTTP = true
            try await bench.delivering(policy: strict) { _ in
                try await Bench.until { try await bench.deliveries(webhook, .dead).count == 1 }
            }
            let error = try await bench.deliveries(webhook).first?.last?.error
            #expect(error == "the host's address is not one that may be connected to")
            #expect(receiver.connections == 0)
        }
    }

    // MARK: Secrets

    @Test func whileASecretIsReplacedBothAreGood() async throws {
        try await Bench.run { bench in
            let receiver = try HTTPReceiver()
            let old = try await bench.webhook(receiver.url(), ["step.*"])
            let new = try await bench.flows.within {
                try await bench.commands.rotate(old.id, by: bench.admin, at: .now())
            }
            #expect(new.secret != old.secret)
            try await bench.step("s", of: try await bench.flow())
            try await bench.delivering { _ in try await Bench.until { receiver.requests.count == 1 } }
            let request = try #require(receiver.requests.first)
            let signatures = request.headers["webhook-signature"]?.split(separator: " ").map(String.init)
            let expected = try [new, old].map { try request.signature(with: $0.secret.text) }
            #expect(signatures == expected)
            let later = Timestamp.now().adding(seconds: WebhookCommands.overlapSeconds + 1)
            #expect(new.secrets(at: later) == [new.secret])
        }
    }

    @Test func aSecretIsNotPrinted() {
        let secret = WebhookSecret.generate()
        var text = ""
        dump(secret, to: &text)
        #expect(!"\(secret) \(String(reflecting: secret)) \(text)".contains("\(secret.bytes[0]), \(secret.bytes[1])"))
        #expect("\(secret)" == "<redacted>")
        #expect(secret.text.hasPrefix("whsec_") && secret.bytes.count == 32)
    }

    /// The example of the Standard Webhooks specification's own libraries.
    @Test func theSignatureIsThatOfTheSpecification() throws {
        let key = try #require(Data(base64Encoded: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let signature = WebhookSecret(bytes: Array(key)).signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            seconds: 1_614_265_330,
            body: Array(#"{"test": 2432232314}"#.utf8)
        )
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }
}
