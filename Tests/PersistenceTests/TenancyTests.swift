import Domain
import JSON
import Persistence
import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct TenancyTests {
    let tenants: TwoTenants

    init() async throws { tenants = try await .make() }

    @Test func preparedStatementsSeeTheTenantOfEachTransaction() async throws {
        struct Refusal: Error {}
        let owned = [(tenants.a.id, Flow.sample()), (tenants.b.id, Flow.sample())]
        for (tenant, flow) in owned {
            try await tenants.store.transaction(as: tenant) { try await $0.flows.insert(flow) }
        }
        for _ in 0..<8 {
            for (tenant, flow) in owned {
                let page = try await tenants.store.transaction(as: tenant) {
                    try await $0.flows.list(status: nil, type: nil, limit: 9, cursor: nil)
                }
                #expect(page?.items.map(\.id) == [flow.id])
                await #expect(throws: Refusal.self) {
                    try await tenants.store.transaction(as: tenant) { store in
                        _ = try await store.flows.find(flow.id, locked: true)
                        throw Refusal()
                    }
                }
            }
        }
    }

    @Test func nothingOfOneTenantIsSeenByAnother() async throws {
        let flow = Flow.sample()
        let prompt = Prompt.sample(flow: flow.id)
        let asset = Asset.sample(flow: flow.id, key: "k", name: "secret-host")
        let upload = Upload(
            id: .generate(),
            filename: "f",
            contentType: "text/csv",
            bytes: 0,
            sha256: nil,
            createdBy: "ada",
            createdAt: .sample
        )
        let decision = DecisionRecord(
            prompt: prompt.id,
            idempotencyKey: "k",
            bodyDigest: "d",
            by: "ada",
            answer: [:],
            at: .sample
        )
        let (user, session) = try await tenants.store.transaction(as: tenants.a.id) { store in
            let user = try #require(try await store.identity.user(email: "ada@example.org"))
            let session = Session.sample(of: user.id)
            try await store.identity.insert(session)
            try await store.flows.insert(flow)
            let event = FlowEvent(seq: 1, event: ["type": "CUSTOM"], patch: nil, digest: nil)
            _ = try await store.flows.append([event], to: flow)
            let step = StepRecord(StepKey("s"), status: .running, attempt: 1, startedAt: .sample)
            try await store.flows.write(
                flow.id,
                steps: [step],
                effects: [EffectRecord(step: step.key, name: "e", kind: .run, isDone: true)]
            )
            try await store.flows.enqueueWork(flow.id)
            try await store.prompts.insert(prompt)
            try await store.prompts.record(decision)
            try await store.views.append(.flows, item: "i", after: [:])
            let entry = AuditEntry(at: .sample, actor: "a", channel: "http", action: "x.y", subject: "z", detail: [:])
            try await store.audit.append(entry)
            try await store.uploads.begin(upload)
            try await store.uploads.append([1], index: 0, to: upload.id)
            try await store.assets.upsert([asset])
            let answer = IdempotentAnswer(requestDigest: "d", status: 200, body: [:])
            try await store.idempotency.save(answer, subject: "ada", key: "k", at: .now())
            return (user, session)
        }
        let version = try await tenants.store.transaction(as: tenants.a.id) { try await $0.flows.lock(flow.id) }
        let commit = try #require(version?.commit)
        let next = FlowEvent(seq: 2, event: ["type": "CUSTOM"], patch: nil, digest: nil)
        let change = FlowChange.sample(flow, from: FlowVersion(seq: 1, commit: commit), events: [next])
        let seen = try await tenants.store.transaction(as: tenants.b.id) { store in
            [
                "flow": try await store.flows.find(flow.id, locked: true) != nil,
                "flows": try await store.flows.list(status: nil, type: nil, limit: 9, cursor: nil)?.items.isEmpty
                    != true,
                "lock": try await store.flows.lock(flow.id) != nil,
                "records": try await !store.flows.records(of: [flow.id], locked: false).isEmpty,
                "commit": try await !store.flows.commit([change], as: commit).isEmpty,
                "happened": try await !store.flows.happened([CommitMark(flow: flow.id, seq: 1, commit: commit)])
                    .isEmpty,
                "events": try await !store.flows.events(of: flow.id, after: 0, limit: 9).isEmpty,
                "eventBytes": try await store.flows.eventBytes(of: flow.id, after: 0) != nil,
                "steps": try await !store.flows.steps(of: flow.id).isEmpty,
                "effects": try await !store.flows.effects(of: flow.id).isEmpty,
                "write": try await store.flows.write(flow.id, work: .enqueue),
                "prompt": try await store.prompts.find(prompt.id) != nil,
                "prompts": try await store.prompts.list(
                    flow: nil,
                    status: nil,
                    pendingOnly: false,
                    limit: 9,
                    cursor: nil
                )?.items.isEmpty != true,
                "attempt": try await store.prompts.lastAttempt(of: "confirm", in: flow.id) != 0,
                "decide": try await store.prompts.update(prompt.decided(by: "eve"), ifVersion: 1),
                "decision": try await store.prompts.decision(on: prompt.id, key: "k") != nil,
                "position": try await store.views.position(of: .flows).seq != 0,
                "changes": try await !store.views.changes(of: .flows, after: 0, limit: 9).isEmpty,
                "audit": try await store.audit.list(action: nil, subject: nil, limit: 9, cursor: nil)?.items.isEmpty
                    != true,
                "upload": try await store.uploads.find(upload.id) != nil,
                "chunk": try await store.uploads.chunk(0, of: upload.id) != nil,
                "asset": try await store.assets.find(asset.id) != nil,
                "assets": try await store.assets.list(
                    query: nil,
                    environment: nil,
                    type: nil,
                    flow: nil,
                    limit: 9,
                    cursor: nil
                )?.items.isEmpty != true,
                "search": try await store.assets.list(
                    query: "secret",
                    environment: nil,
                    type: nil,
                    flow: nil,
                    limit: 9,
                    cursor: nil
                )?.items.isEmpty != true,
                "count": try await store.assets.count(flow: flow.id) != 0,
                "user": try await store.identity.user(user.id) != nil,
                "session": try await store.identity.session(session.id) != nil,
                "rotate": try await store.identity.rotate(session.id, ifGeneration: 0, to: [2]),
                "revoke": try await store.identity.revoke(session.id, at: .sample),
                "answer": try await store.idempotency.find(subject: "ada", key: "k") != nil,
            ]
        }
        #expect(seen.filter(\.value).keys.sorted() == [])
        // The other tenant's flow cannot be written to either: its foreign keys carry the tenant.
        for write in [
            { try await $0.prompts.insert(.sample(flow: flow.id)) },
            { try await $0.assets.upsert([asset]) }, { try await $0.uploads.append([1], index: 1, to: upload.id) },
        ] as [@Sendable (any StoreTransaction) async throws -> Void] {
            await #expect(throws: StoreError.self) {
                try await tenants.store.transaction(as: tenants.b.id) { try await write($0) }
            }
        }
        // And everything is still there for its owner.
        let own = try await tenants.store.transaction(as: tenants.a.id, .snapshot) { store in
            (try await store.prompts.find(prompt.id), try await store.identity.session(session.id))
        }
        #expect(own.0 == prompt && own.1 == session)
    }

    @Test func theApplicationHasNoMoreRightsThanItNeeds() async throws {
        try await tenants.store.verify()
        let rows = try await tenants.database.owner.withConnection {
            try await $0.query(
                """
                SELECT table_name::text AS name, privilege_type::text AS privilege
                FROM information_schema.table_privileges
                WHERE grantee = 'signalbox_app' AND privilege_type IN ('DELETE', 'TRUNCATE', 'UPDATE', 'TRIGGER')
                ORDER BY 1
                """
            )
        }
        #expect(
            try rows.map { "\(try $0.string("privilege")) \(try $0.string("name"))" } == [
                "DELETE flow_work", "DELETE uploads", "DELETE webhook_deliveries", "DELETE webhooks",
            ]
        )
        let mighty = PostgresStore(tenants.database.owner)
        await #expect(throws: StoreSetupError.wrongRole("postgres")) { try await mighty.verify() }
    }

    @Test func theDirectoryKnowsTenantsByNameAndId() async throws {
        #expect(try await tenants.store.tenant(named: "acme") == tenants.a)
        #expect(try await tenants.store.tenant(tenants.b.id) == tenants.b)
        #expect(try await tenants.store.tenant(named: "nobody") == nil)
        #expect(try await tenants.store.tenant(named: "a\0cme") == nil)
        #expect(try await tenants.store.tenant(.generate()) == nil)
    }

    @Test func provisioningTwiceKeepsTheIds() async throws {
        let administration = TenantAdministration(tenants.database.owner)
        let again = try await administration.provision(
            Tenant(id: .generate(), name: "acme"),
            users: [.sample(), .sample(email: "bob@example.org")]
        )
        #expect(again == tenants.a)
        let bob = try await tenants.store.transaction(as: again.id) {
            try await $0.identity.user(email: "bob@example.org")
        }
        #expect(bob?.roles == [.reviewer, .viewer])
    }
}
