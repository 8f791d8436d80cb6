import Domain
import JSON
import Persistence
import TestSupport
import Testing

/// Every statement that runs often finds its rows by an index, and by the tenant first.
@Suite(.serialized, .enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct QueryPlanTests {
    private let tenants: TwoTenants
    private let plans: QueryPlans
    private let flow = Flow.sample()

    /// Filled once for all.
    private static let crowded = Task {
        let database = try await TestDatabase.make()
        let plans = try QueryPlans(database)
        let tenants = TwoTenants(
            database: database,
            a: try await database.makeTenant("acme", users: [.sample()]),
            b: try await database.makeTenant("bolt", users: [.sample()])
        )
        // History has more partitions than one.
        _ = try await database.store.maintainHistory(HistoryPolicy(days: 7))
        try await Crowd.fill(database)
        return (tenants, plans)
    }

    private typealias Operation = @Sendable (any StoreTransaction) async throws -> Void

    init() async throws { (tenants, plans) = try await Self.crowded.value }

    /// Runs an operation and looks how it got at its rows.
    /// - Parameters:
    ///   - columns: what the index of a table must be searched by, besides the tenant.
    ///   - isOrdered: whether the index must give the order, too: a page must not cost as much as the whole list.
    private func check(
        _ name: String,
        columns: [String: [String]],
        isOrdered: Bool = false,
        _ operation: @escaping Operation
    ) async throws {
        let found = try await plans.explain {
            try await tenants.store.transaction(as: tenants.a.id, .write) { try await operation($0) }
        }
        #expect(!found.accesses.isEmpty, "\(name) was not explained")
        for access in found.accesses {
            #expect(access.node != "Seq Scan", "\(name): \(access)")
            let owner = access.table == "tenants" ? "id" : "tenant_id"
            #expect(access.condition.contains(owner), "\(name): \(access)")
            let table = columns.keys.first { access.table == $0 || access.table.hasPrefix($0 + "_") }
            for column in table.flatMap({ columns[$0] }) ?? [] {
                #expect(access.condition.contains(column), "\(name): \(access)")
            }
        }
        for table in columns.keys {
            #expect(
                found.accesses.contains { $0.table == table || $0.table.hasPrefix(table + "_") },
                "\(name) does not read \(table)"
            )
        }
        if isOrdered { #expect(found.sorts == [], "\(name) sorts") }
    }

    @Test func flowsAndTheirEvents() async throws {
        let (id, flow) = (flow.id, flow)
        try await tenants.store.transaction(as: tenants.a.id) { try await $0.flows.insert(flow) }
        try await check("find", columns: ["flows": ["id"]]) { _ = try await $0.flows.find(id, locked: false) }
        try await check("lock", columns: ["flows": ["id"]]) { _ = try await $0.flows.lock(id) }
        try await check("records", columns: ["flows": ["id"], "flow_steps": ["flow_id"], "prompts": ["flow_id"]]) {
            _ = try await $0.flows.records(of: [id], locked: true)
        }
        try await check("commit", columns: ["flows": ["id"]]) { store in
            let event = FlowEvent(seq: 1, event: ["type": "CUSTOM"], patch: nil, digest: nil)
            _ = try await store.flows.append([event], to: flow)
        }
        try await check("commit with the outbox", columns: ["flows": ["id"], "webhooks": ["tenant_id"]]) { store in
            let event = FlowEvent(seq: 2, event: ["type": "STEP_STARTED", "stepName": "s"], patch: nil, digest: nil)
            _ = try await store.flows.append([event], to: flow)
        }
        try await check("happened", columns: ["flow_events": ["flow_id", "seq"]]) {
            _ = try await $0.flows.happened([CommitMark(flow: id, seq: 1, commit: .generate())])
        }
        try await check("events", columns: ["flow_events": ["flow_id", "seq"], "flows": ["id"]]) {
            _ = try await $0.flows.events(of: id, after: 0, limit: 10)
        }
        try await check("eventBytes", columns: ["flow_events": ["flow_id", "seq"]]) {
            _ = try await $0.flows.eventBytes(of: id, after: 0)
        }
        try await check("snapshot", columns: ["flow_snapshots": ["flow_id", "seq"]], isOrdered: true) {
            _ = try await $0.flows.snapshot(of: id, upTo: 5, isWhole: true)
        }
        try await check(
            "firstDocument",
            columns: ["flow_events": ["flow_id"], "flow_snapshots": ["flow_id", "seq"]]
        ) { _ = try await $0.flows.firstDocument(of: id) }
        try await check("milestones", columns: ["flow_events": ["flow_id", "seq"]], isOrdered: true) {
            _ = try await $0.flows.milestones(of: id, after: 0, limit: 10)
        }
        try await check("steps", columns: ["flow_steps": ["flow_id"]]) { _ = try await $0.flows.steps(of: id) }
        for (status, type) in [(nil, nil), (FlowStatus.running, nil), (nil, "discovery")] as [(FlowStatus?, String?)] {
            let columns = [status.map { _ in "status" }, type.map { _ in "type" }].compactMap(\.self)
            try await check("list", columns: ["flows": columns], isOrdered: true) {
                _ = try await $0.flows.list(status: status, type: type, limit: 10, cursor: nil)
            }
        }
    }

    @Test func theJournalAndTheQueueOfWork() async throws {
        let parent = Flow.sample()
        var child = Flow.sample(status: .succeeded)
        child.parent = FlowParent(flow: parent.id, seq: nil)
        let ended = child
        try await tenants.store.transaction(as: tenants.a.id) { store in
            for flow in [parent, ended] { try await store.flows.insert(flow) }
        }
        let step = StepRecord(StepKey("s"), status: .running, attempt: 1, startedAt: .sample)
        let effect = EffectRecord(step: step.key, name: "e", kind: .run, isDone: true, result: 1)
        try await check("journal", columns: ["flows": ["id"]]) { store in
            try await store.flows.write(parent.id, steps: [step], effects: [effect])
        }
        try await check("effects", columns: ["flow_effects": ["flow_id"]]) {
            _ = try await $0.flows.effects(of: parent.id)
        }
        try await check("enqueue", columns: ["flows": ["id"], "flow_work": ["flow_id"]]) { store in
            try await store.flows.enqueueWork(parent.id)
        }
        try await check("wake the parent", columns: ["flows": ["id"], "flow_work": ["flow_id"]]) { store in
            try await store.flows.write(ended.id)
        }
        try await check("give back", columns: ["flows": ["id"], "flow_work": ["flow_id"]]) { store in
            try await store.flows.write(parent.id, lease: 1, work: .giveBack(due: .sample, seen: 0))
        }
    }

    @Test func webhooks() async throws {
        let claim = DeliveryClaim(
            tenant: tenants.a.id,
            webhook: .generate(),
            delivery: .generate(),
            attempt: 1,
            until: .now()
        )
        let id = claim.webhook
        let attempt = DeliveryAttempt(at: .now(), statusCode: nil, error: nil)
        try await check("find", columns: ["webhooks": ["id"]]) { _ = try await $0.webhooks.find(id, locked: false) }
        try await check("list", columns: ["webhooks": []], isOrdered: true) {
            _ = try await $0.webhooks.list(limit: 10, cursor: nil)
        }
        for status in [nil, DeliveryStatus.dead] {
            let columns = ["webhook_id"] + (status == nil ? [] : ["status"])
            try await check("deliveries", columns: ["webhook_deliveries": columns], isOrdered: true) {
                _ = try await $0.webhooks.deliveries(of: id, status: status, limit: 10, cursor: nil)
            }
        }
        let key = ["webhook_deliveries": ["webhook_id", "id"]]
        try await check("delivery", columns: key) { _ = try await $0.webhooks.delivery(claim.delivery, of: id) }
        try await check("content", columns: key) { _ = try await $0.webhooks.content(claim) }
        try await check("settle", columns: key) {
            _ = try await $0.webhooks.settle(claim, as: .dead, after: attempt, next: nil)
        }
        try await check("replay", columns: key) { _ = try await $0.webhooks.replay(claim.delivery, of: id) }
        try await check("replayDead", columns: ["webhook_deliveries": ["webhook_id"]]) {
            _ = try await $0.webhooks.replayDead(of: id, limit: 10)
        }
    }

    @Test func prompts() async throws {
        let flow = flow
        let prompt = Prompt.sample(flow: flow.id)
        try await tenants.store.transaction(as: tenants.a.id) { store in
            try await store.flows.insert(flow)
            try await store.prompts.insert(prompt)
        }
        try await check("find", columns: ["prompts": ["id"]]) { _ = try await $0.prompts.find(prompt.id) }
        for (owner, status, isPending) in [
            (nil, nil, true), (nil, nil, false), (flow.id, nil, false), (nil, PromptStatus.decided, false),
        ] as [(FlowID?, PromptStatus?, Bool)] {
            let columns = [owner.map { _ in "flow_id" }, status.map { _ in "status" }].compactMap(\.self)
            try await check("list", columns: ["prompts": columns], isOrdered: true) {
                _ = try await $0.prompts.list(
                    flow: owner,
                    status: status,
                    pendingOnly: isPending,
                    limit: 10,
                    cursor: nil
                )
            }
        }
        try await check("lastAttempt", columns: ["prompts": ["flow_id"]]) {
            _ = try await $0.prompts.lastAttempt(of: "s", in: flow.id)
        }
        try await check("update", columns: ["prompts": ["id"]]) {
            _ = try await $0.prompts.update(prompt.decided(by: "ada"), ifVersion: 1)
        }
        try await check("setExecution", columns: ["prompts": ["id"]]) {
            try await $0.prompts.setExecution(.succeeded, of: prompt.id)
        }
        try await check("decision", columns: ["decisions": ["prompt_id", "idempotency_key"]]) {
            _ = try await $0.prompts.decision(on: prompt.id, key: "k")
        }
    }

    @Test func listsAndLogs() async throws {
        try await check("append", columns: ["tenants": []]) {
            _ = try await $0.views.append([ItemChange(item: "i", before: nil, after: [:])], to: .flows)
        }
        try await check("position", columns: ["views": ["view"]]) { _ = try await $0.views.position(of: .flows) }
        try await check("changes", columns: ["view_changes": ["view", "seq"]]) {
            _ = try await $0.views.changes(of: .flows, after: 0, limit: 10)
        }
        for (action, subject) in [(nil, nil), ("a", nil), (nil, "s")] as [(String?, String?)] {
            let columns = [action.map { _ in "action" }, subject.map { _ in "subject" }].compactMap(\.self)
            try await check("audit", columns: ["audit_log": columns], isOrdered: true) {
                _ = try await $0.audit.list(action: action, subject: subject, limit: 10, cursor: nil)
            }
        }
    }

    @Test func peopleUploadsAndAssets() async throws {
        try await check("user", columns: ["users": ["email"]]) { _ = try await $0.identity.user(email: "a") }
        try await check("user", columns: ["users": ["id"]]) { _ = try await $0.identity.user(.generate()) }
        try await check("session", columns: ["sessions": ["id"]]) { _ = try await $0.identity.session(.generate()) }
        try await check("rotate", columns: ["sessions": ["id"]]) {
            _ = try await $0.identity.rotate(.generate(), ifGeneration: 0, to: [1])
        }
        try await check("answer", columns: ["idempotency_keys": ["subject", "key"]]) {
            _ = try await $0.idempotency.find(subject: "s", key: "k")
        }
        try await check("upload", columns: ["uploads": ["id"]]) { _ = try await $0.uploads.find(.generate()) }
        try await check("chunk", columns: ["upload_chunks": ["upload_id", "index"]]) {
            _ = try await $0.uploads.chunk(0, of: .generate())
        }
        let flow = flow
        try await check("assets", columns: ["assets": []], isOrdered: true) {
            _ = try await $0.assets.list(
                query: nil,
                environment: nil,
                type: nil,
                flow: nil,
                limit: 10,
                cursor: nil
            )
        }
        try await check("asset", columns: ["assets": ["id"]]) { _ = try await $0.assets.find(.generate()) }
        try await check("count", columns: ["assets": ["flow_id"]]) { _ = try await $0.assets.count(flow: flow.id) }
    }

    /// The queue is that of all tenants: whoever looks into it looks at its beginning, or at their own.
    @Test func theQueueOfWork() async throws {
        let flow = flow
        try await tenants.store.transaction(as: tenants.a.id) { store in
            try await store.flows.insert(flow)
            try await store.flows.enqueueWork(flow.id)
        }
        let store = tenants.store
        for operation in [
            { _ = try await store.claim(owner: 1, limit: 5) }, { try await store.release(owner: 1) },
        ] as [@Sendable () async throws -> Void] {
            let found = try await plans.explain { try await operation() }
            let work = found.accesses.filter { $0.table == "flow_work" }
            #expect(!work.isEmpty)
            for access in work { #expect(access.node != "Seq Scan", "\(access)") }
        }
    }
}
