import Domain
import FlowSupport
import Glibc
import JSON
import Locking
import Persistence
import Reactor
import TestSupport
import Testing

@testable import Webhooks

/// Several processes deliver from one database, and any of them may end at any moment.
@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"), .timeLimit(.minutes(2)))
struct SharedWorkTests {
    @Test func twoProcessesTellEverybodyOnce() async throws {
        try await Bench.run { bench in
            // How many requests are at each path at once, and were at most.
            let crowd = Mutex<(now: [String: Int], most: [String: Int])>(([:], [:]))
            let receiver = try HTTPReceiver { request, _ in
                crowd.withLock { crowd in
                    crowd.now[request.path, default: 0] += 1
                    crowd.most[request.path] = max(crowd.most[request.path] ?? 0, crowd.now[request.path] ?? 0)
                }
                // So that they meet: the receiver has a thread for each connection.
                for _ in 0..<50 { sched_yield() }
                crowd.withLock { $0.now[request.path, default: 0] -= 1 }
                return .answer(200)
            }
            let paths = ["/a", "/b", "/c"]
            for path in paths { _ = try await bench.webhook(receiver.url(path), ["step.*"]) }
            let flow = try await bench.flow()
            for number in 0..<60 { try await bench.step("\(number)", of: flow) }
            let limits: (inout WebhookDeliverer.Limits) -> Void = { $0.inFlightPerWebhook = 2 }
            try await bench.delivering(configure: limits) { first in
                try await bench.delivering(configure: limits) { second in
                    try await Bench.until { first.counters[.delivered] + second.counters[.delivered] == 180 }
                    #expect(first.counters[.delivered] > 0 && second.counters[.delivered] > 0)
                }
            }
            for path in paths {
                let ids = receiver.requests.filter { $0.path == path }.map(\.id)
                #expect(ids.count == 60 && Set(ids).count == 60, "\(path)")
                #expect(crowd.withLock { $0.most[path] ?? 0 } <= 2, "\(path)")
            }
        }
    }

    /// The process was killed between the commit and the delivery: whoever comes next finds it.
    @Test func whatWasCommittedBeforeAStartIsTold() async throws {
        try await Bench.run { bench in
            let receiver = try HTTPReceiver()
            _ = try await bench.webhook(receiver.url(), ["step.*"])
            try await bench.step("s", of: try await bench.flow())
            try await bench.delivering { _ in try await Bench.until { receiver.requests.count == 1 } }
        }
    }

    /// The process was killed while it had the delivery: another one has it when the lease is over, and not before.
    @Test func whatAKilledProcessHadIsTakenUp() async throws {
        try await Bench.run { bench in
            let receiver = try HTTPReceiver()
            let webhook = try await bench.webhook(receiver.url(), ["step.*"])
            try await bench.step("s", of: try await bench.flow())
            let store = bench.database.store
            let claim = try #require(try await store.claimDeliveries(limit: 10, each: 10, lease: 2).first)
            #expect(claim.attempt == 1)
            #expect(try await store.claimDeliveries(limit: 10, each: 10, lease: 2).isEmpty)
            try await bench.delivering { _ in
                try await Bench.until { try await bench.deliveries(webhook, .delivered).count == 1 }
            }
            #expect(receiver.requests.count == 1)
            #expect(Timestamp.now() >= claim.until)
            // The killed one was only slow: what it says does not count any more.
            let isKept = try await store.transaction(as: bench.tenant.id) { transaction in
                #expect(try await transaction.webhooks.content(claim) == nil)
                let attempt = DeliveryAttempt(at: .now(), statusCode: nil, error: "late")
                return try await transaction.webhooks.settle(claim, as: .dead, after: attempt, next: nil)
            }
            #expect(!isKept)
            #expect(try await bench.deliveries(webhook).first?.status == .delivered)
        }
    }

    @Test func claimsGoRoundAndLeaveRoom() async throws {
        try await Bench.run { bench in
            let (busy, calm) = (
                try await bench.webhook("http://127.0.0.1:1/a", ["step.*"]),
                try await bench.webhook("http://127.0.0.1:1/b", ["custom.*"])
            )
            let flow = try await bench.flow()
            for number in 0..<30 { try await bench.step("\(number)", of: flow) }
            for _ in 0..<3 { try await bench.append(["type": "CUSTOM", "name": "n", "value": 1], to: flow) }
            let store = bench.database.store
            let first = try await store.claimDeliveries(limit: 6, each: 4, lease: 60)
            #expect(first.count { $0.webhook == busy.id } == 3 && first.count { $0.webhook == calm.id } == 3)
            let second = try await store.claimDeliveries(limit: 6, each: 4, lease: 60)
            #expect(second.map(\.webhook) == [busy.id])
            #expect(try await store.claimDeliveries(limit: 6, each: 4, lease: 60).isEmpty)
            #expect(Set(first + second).count == 7)
        }
    }

    @Test func aRemovedWebhookTakesWhatWasOnItsWayWithIt() async throws {
        try await Bench.run { bench in
            let webhook = try await bench.webhook("http://127.0.0.1:1/", ["step.*"])
            try await bench.step("s", of: try await bench.flow())
            try await bench.flows.within { try await bench.commands.remove(webhook.id, by: bench.admin, at: .now()) }
            #expect(try await bench.deliveries(webhook) == [])
            #expect(try await bench.stored(webhook) == nil)
            #expect(try await bench.database.store.claimDeliveries(limit: 10, each: 10, lease: 2).isEmpty)
        }
    }

    @Test func whatIsOldIsForgotten() async throws {
        try await Bench.run { bench in
            let webhook = try await bench.webhook("http://127.0.0.1:1/", ["step.*"])
            let store = bench.database.store
            func age(_ days: Int64, _ status: DeliveryStatus) async throws -> DeliveryID {
                let id = DeliveryID.generate()
                try await store.transaction(as: bench.tenant.id) { transaction in
                    let time = Timestamp.now().adding(seconds: -days * 86_400 - 60)
                    try await transaction.webhooks.enqueue(
                        id,
                        of: webhook.id,
                        kind: "webhook.test",
                        event: [:],
                        at: time
                    )
                }
                let claim = try #require(try await store.claimDeliveries(limit: 1, each: 10, lease: 60).first)
                try await store.transaction(as: bench.tenant.id) { transaction in
                    let attempt = DeliveryAttempt(at: .now(), statusCode: nil, error: nil)
                    _ = try await transaction.webhooks.settle(claim, as: status, after: attempt, next: nil)
                }
                return id
            }
            let kept = [
                try await age(6, .delivered), try await age(8, .dead), try await age(29, .dead),
            ]
            for old in [(7, DeliveryStatus.delivered), (30, .dead)] { _ = try await age(Int64(old.0), old.1) }
            let work = try await store.maintainHistory(HistoryPolicy(days: 0))
            #expect(work.forgottenDeliveries == 2)
            #expect(Set(try await bench.deliveries(webhook).map(\.id)) == Set(kept))
        }
    }
}
