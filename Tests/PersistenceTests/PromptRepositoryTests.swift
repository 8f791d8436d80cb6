import Domain
import JSON
import Persistence
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct PromptRepositoryTests {
    let tenants: TwoTenants
    let flow = Flow.sample()

    init() async throws {
        tenants = try await .make()
        let flow = self.flow
        try await tenants.store.transaction(as: tenants.a.id) { try await $0.flows.insert(flow) }
    }

    @Test func aPromptComesBackAsItWasStored() async throws {
        let open = Prompt.sample(flow: flow.id)
        var claimed = Prompt.sample(flow: flow.id)
        claimed.status = .claimed
        claimed.claim = PromptClaim(by: "ada", until: .sample)
        let decided = Prompt.sample(flow: flow.id).decided(by: "ada")
        let prompts = [open, claimed, decided]
        let found = try await tenants.store.transaction(as: tenants.a.id) { store in
            var found: [Prompt?] = []
            for prompt in prompts {
                try await store.prompts.insert(prompt)
                found.append(try await store.prompts.find(prompt.id))
            }
            return found
        }
        #expect(found == prompts)
    }

    @Test func hundredsDecideAtOnceAndOneWins() async throws {
        let prompt = Prompt.sample(flow: flow.id)
        let store = tenants.store
        let tenant = tenants.a.id
        try await store.transaction(as: tenant) { try await $0.prompts.insert(prompt) }
        let winners = try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let decided = prompt.decided(by: "user-\(number)")
                    let isWinner = try await store.transaction(as: tenant) {
                        try await $0.prompts.update(decided, ifVersion: prompt.version)
                    }
                    return isWinner ? "user-\(number)" : nil
                }
            }
            return try await group.reduce(into: [String]()) { if let winner = $1 { $0.append(winner) } }
        }
        #expect(winners.count == 1)
        let stored = try await store.transaction(as: tenant, .snapshot) { try await $0.prompts.find(prompt.id) }
        #expect(stored?.outcome?.by == winners)
        #expect(stored?.version == prompt.version + 1)
    }

    @Test func whatIsDecidedCannotBeOverwritten() async throws {
        let prompt = Prompt.sample(flow: flow.id)
        let store = tenants.store
        let results = try await store.transaction(as: tenants.a.id) { store in
            try await store.prompts.insert(prompt)
            let decided = prompt.decided(by: "ada")
            let first = try await store.prompts.update(decided, ifVersion: 1)
            var again = decided
            again.version = 3
            return [first, try await store.prompts.update(again, ifVersion: 2)]
        }
        #expect(results == [true, false])
    }

    @Test func listsAreOldestFirstAndFiltered() async throws {
        let other = Flow.sample()
        var prompts = (0..<6).map { Prompt.sample(flow: flow.id, at: Timestamp.sample.adding(seconds: Int64($0 / 2))) }
        prompts[1] = prompts[1].decided(by: "ada")
        let elsewhere = Prompt.sample(flow: other.id)
        let all = prompts
        let store = tenants.store
        let tenant = tenants.a.id
        try await store.transaction(as: tenant) { store in
            try await store.flows.insert(other)
            for prompt in all + [elsewhere] { try await store.prompts.insert(prompt) }
        }
        func list(flow: FlowID?, status: PromptStatus?, pendingOnly: Bool) async throws -> [PromptID] {
            try await allPages { cursor in
                try await store.transaction(as: tenant, .snapshot) {
                    try await $0.prompts.list(
                        flow: flow,
                        status: status,
                        pendingOnly: pendingOnly,
                        limit: 2,
                        cursor: cursor
                    )
                }
            }.map(\.id)
        }
        let oldest = all.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        #expect(try await list(flow: flow.id, status: nil, pendingOnly: false) == oldest.map(\.id))
        #expect(
            try await list(flow: flow.id, status: nil, pendingOnly: true) == oldest.filter(\.status.isPending).map(\.id)
        )
        #expect(try await list(flow: nil, status: .decided, pendingOnly: false) == [all[1].id])
        #expect(try await list(flow: other.id, status: nil, pendingOnly: true) == [elsewhere.id])
    }

    @Test func attemptsAreCountedByStep() async throws {
        let flow = self.flow
        let attempts = try await tenants.store.transaction(as: tenants.a.id) { store in
            try await store.prompts.insert(.sample(flow: flow.id, step: "one", attempt: 1))
            try await store.prompts.insert(.sample(flow: flow.id, step: "one", attempt: 2))
            return [
                try await store.prompts.lastAttempt(of: "one", in: flow.id),
                try await store.prompts.lastAttempt(of: "two", in: flow.id),
            ]
        }
        #expect(attempts == [2, 0])
    }

    @Test func decisionsAreKeptOnceByKey() async throws {
        let prompt = Prompt.sample(flow: flow.id)
        let record = DecisionRecord(
            prompt: prompt.id,
            idempotencyKey: "key",
            bodyDigest: "d",
            by: "ada",
            answer: ["v": 2],
            at: .sample
        )
        let found = try await tenants.store.transaction(as: tenants.a.id) { store in
            try await store.prompts.insert(prompt)
            try await store.prompts.record(record)
            return [
                try await store.prompts.decision(on: prompt.id, key: "key"),
                try await store.prompts.decision(on: prompt.id, key: "other"),
            ]
        }
        #expect(found == [record, nil])
        await #expect(throws: StoreError.duplicate("decisions_pkey")) {
            try await tenants.store.transaction(as: tenants.a.id) { try await $0.prompts.record(record) }
        }
    }

    @Test func executionIsAFactOfItsOwn() async throws {
        let open = Prompt.sample(flow: flow.id)
        let decided = Prompt.sample(flow: flow.id).decided(by: "ada")
        let execution = try await tenants.store.transaction(as: tenants.a.id) { store in
            try await store.prompts.insert(open)
            try await store.prompts.insert(decided)
            try await store.prompts.setExecution(.succeeded, of: decided.id)
            return try await store.prompts.find(decided.id)?.outcome?.execution
        }
        #expect(execution == .succeeded)
        await #expect(throws: StoreError.self) {
            try await tenants.store.transaction(as: tenants.a.id) {
                try await $0.prompts.setExecution(.succeeded, of: open.id)
            }
        }
    }
}
