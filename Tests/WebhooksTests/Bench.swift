import Domain
import FlowSupport
import Flows
import Foundation
import JSON
import Logging
import Persistence
import Postgres
import Reactor
import TestSupport
import Testing

@testable import Webhooks

/// A process that commits, and others that deliver, on a real database.
struct Bench {
    let database: TestDatabase
    let tenant: Tenant
    let flows: FlowBench
    let commands: WebhookCommands
    let policy: ReceiverPolicy

    /// Runs `body` on a bench of its own.
    static func run(_ body: (Bench) async throws -> Void) async throws {
        let database = try await TestDatabase.make()
        let tenant = try await database.makeTenant()
        var policy = ReceiverPolicy()
        policy.networks = ["127.0.0.0/8", "::1"].compactMap { AddressRange($0) }
        policy.allowsPlainHTTP = true
        let flows = try await FlowBench(database, tenant: tenant, registry: FlowRegistry())
        let bench = Bench(
            database: database,
            tenant: tenant,
            flows: flows,
            commands: WebhookCommands(store: database.store, policy: policy),
            policy: policy
        )
        do {
            try await body(bench)
        } catch {
            await flows.stop()
            throw error
        }
        await flows.stop()
    }

    /// A process that delivers, with waits that a test can have, while `body` runs.
    func delivering(
        policy: ReceiverPolicy? = nil,
        configure: (inout WebhookDeliverer.Limits) -> Void = { _ in },
        _ body: (WebhookDeliverer) async throws -> Void
    ) async throws {
        let deliverer = makeDeliverer(policy: policy, configure: configure)
        deliverer.start(on: TestDatabase.workers.workers[0])
        do {
            try await body(deliverer)
        } catch {
            await deliverer.stop()
            throw error
        }
        await deliverer.stop()
    }

    func makeDeliverer(
        policy: ReceiverPolicy? = nil,
        configure: (inout WebhookDeliverer.Limits) -> Void = { _ in }
    ) -> WebhookDeliverer {
        var limits = WebhookDeliverer.Limits()
        limits.interval = .milliseconds(50)
        limits.schedule.first = .zero
        limits.schedule.attempts = 3
        configure(&limits)
        return WebhookDeliverer(
            store: database.store,
            queue: database.store,
            policy: policy ?? self.policy,
            limits: limits,
            workers: TestDatabase.workers,
            logger: Logger(label: "test")
        )
    }

    var admin: Principal { flows.principal("ada", [.admin]) }
    var agent: Principal { flows.principal("robot", [.agent]) }

    func webhook(_ url: String, _ events: [String] = ["*"], isEnabled: Bool = true) async throws -> Webhook {
        try await flows.within {
            try await commands.create(
                url: url,
                description: "",
                events: events,
                isEnabled: isEnabled,
                by: admin,
                at: .now()
            ) { $1 }
        }
    }

    /// The webhook as it is stored.
    func stored(_ webhook: Webhook) async throws -> Webhook? {
        try await database.store.transaction(as: tenant.id) { try await $0.webhooks.find(webhook.id, locked: false) }
    }

    /// An external flow.
    func flow() async throws -> FlowID { try await flows.start(Flow.externalType).id }

    func append(_ events: JSON..., to flow: FlowID) async throws {
        try await flows.within { _ = try await flows.commands.append(events, to: flow, by: agent) }
    }

    /// A step that begins, by the group commit.
    func step(_ name: String, of flow: FlowID) async throws {
        try await append(["type": "STEP_STARTED", "stepName": JSON(name)], to: flow)
    }

    func deliveries(_ webhook: Webhook, _ status: DeliveryStatus? = nil) async throws -> [WebhookDelivery] {
        let page = try await database.store.transaction(as: tenant.id, .snapshot) {
            try await $0.webhooks.deliveries(of: webhook.id, status: status, limit: 10_000, cursor: nil)
        }
        return page?.items ?? []
    }

    /// Waits until `condition` holds.
    /// - Throws: ``TooLate`` after half a minute.
    static func until(_ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await !condition() {
            guard ContinuousClock.now < deadline else { throw TooLate() }
            await TestDatabase.workers.workers[1].sleep(for: .milliseconds(5))
        }
    }
}

/// What was waited for did not come.
struct TooLate: Error {}

extension HTTPReceiver.Request {
    var json: JSON { (try? JSON.parse(body)) ?? .null }
    var type: String { json["type"]?.string ?? "" }
    var id: String { headers["webhook-id"] ?? "" }

    /// The signature as a receiver would compute it, by OpenSSL's own program.
    func signature(with secret: String) throws -> String {
        let key = try #require(Data(base64Encoded: String(secret.dropFirst("whsec_".count))))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        let hex = key.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        process.arguments = ["dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:\(hex)", "-binary"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        input.fileHandleForWriting.write(Data("\(id).\(headers["webhook-timestamp"] ?? "").".utf8) + Data(body))
        try input.fileHandleForWriting.close()
        return "v1," + output.fileHandleForReading.readDataToEndOfFile().base64EncodedString()
    }
}
