import Approvals
import Domain
import FlowSupport
import Flows
import JSON
import Ledger
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable)) struct DecisionTests {
    private func bench() async throws -> FlowBench {
        let database = try await TestDatabase.make()
        return try await FlowBench(database, tenant: try await database.makeTenant(), registry: FlowRegistry())
    }

    private func external(_ bench: FlowBench) async throws -> Flow {
        try await bench.start(Flow.externalType)
    }

    private func ask(_ bench: FlowBench, _ flow: Flow, _ text: String = "Go?") async throws -> Prompt {
        try await bench.within {
            try await bench.approvals.ask(
                PromptDraft(
                    kind: .confirmation,
                    title: text,
                    message: "",
                    shown: ["text": JSON(text)],
                    allowed: [.approve, .reject]
                ),
                step: "review",
                flow: flow.id,
                by: bench.principal("bot", [.agent]),
                channel: "test"
            )
        }
    }

    private func outcome(_ body: () async throws -> Void) async -> ApprovalError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? ApprovalError
        }
    }

    @Test func aNewDraftSupersedesTheOldAndALateAnswerToItChangesNothing() async throws {
        let bench = try await bench()
        let flow = try await external(bench)
        let first = try await ask(bench, flow, "draft 1")
        let second = try await ask(bench, flow, "draft 2")
        #expect(second.attempt == 2)
        guard case .stale(let stale) = await outcome({ try await bench.decide(first, .approve) }) else {
            Issue.record("A late answer to the old draft was not refused as stale.")
            return
        }
        #expect(stale.supersededBy == second.id)
        #expect(try await bench.openPrompts(flow.id).map(\.id) == [second.id])
        #expect(try await bench.openPrompts(flow.id).first?.outcome == nil)
        await bench.stop()
    }

    @Test func ofHundredsOfRacingDecisionsThroughTwoProcessesOneWins() async throws {
        let one = try await bench()
        let two = try await FlowBench(one.database, tenant: one.tenant, registry: FlowRegistry())
        let flow = try await external(one)
        let prompt = try await ask(one, flow)
        let results = await withTaskGroup(of: (Verb, ApprovalError?).self) { group in
            for number in 0..<300 {
                let bench = number.isMultiple(of: 2) ? one : two
                let verb: Verb = (number / 2).isMultiple(of: 2) ? .approve : .reject
                group.addTask {
                    do {
                        try await bench.decide(prompt, verb, by: bench.principal("user \(number)"))
                        return (verb, nil)
                    } catch {
                        return (verb, error as? ApprovalError ?? .notFound)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let winners = results.filter { $0.1 == nil }
        #expect(winners.count == 1)
        let stored = try await one.within { try await one.approvals.find(prompt.id, for: one.principal()) }
        #expect(stored.outcome?.verb == winners.first?.0)
        for (_, error) in results {
            guard let error else { continue }
            guard case .alreadyDecided(let seen) = error else {
                Issue.record("A loser was told \(error).")
                continue
            }
            #expect(seen.outcome == stored.outcome)
        }
        let audited = try await one.ledger.store.transaction(as: one.tenant.id, .snapshot) {
            try await $0.audit.list(action: "prompt.decided", subject: nil, limit: 10, cursor: nil)
        }
        #expect(audited?.items.count == 1)
        await one.stop()
        await two.stop()
    }

    @Test func aRepeatedKeyGetsTheFirstAnswerAndAnotherBodyIsAMismatch() async throws {
        let bench = try await bench()
        let prompt = try await ask(bench, try await external(bench))
        let first = try await bench.decide(prompt, .approve, key: "k1")
        let events = try await bench.events(prompt.flow).count
        #expect(try await bench.decide(prompt, .approve, key: "k1") == first)
        #expect(try await bench.events(prompt.flow).count == events)
        #expect(await outcome { try await bench.decide(prompt, .reject, key: "k1") } == .idempotencyMismatch)
        let stranger = bench.principal("rob")
        #expect(
            await outcome { try await bench.decide(prompt, .approve, key: "k1", by: stranger) } == .idempotencyMismatch
        )
        await bench.stop()
    }

    @Test func anotherTenantsPromptNeverExisted() async throws {
        let bench = try await bench()
        let prompt = try await ask(bench, try await external(bench))
        let other = try await bench.database.makeTenant("globex")
        let stranger = Principal(
            tenant: other,
            subject: "eve",
            displayName: "eve",
            roles: [.admin],
            session: nil,
            expiresAt: Timestamp(microseconds: .max)
        )
        #expect(await outcome { try await bench.decide(prompt, .approve, by: stranger) } == .notFound)
        #expect(try await bench.openPrompts(prompt.flow).first?.version == 1)
        await bench.stop()
    }

    @Test func anExternalFlowWaitsAndGoesOnWithItsPrompts() async throws {
        let bench = try await bench()
        let flow = try await external(bench)
        let prompt = try await ask(bench, flow)
        #expect(try await bench.flow(flow.id).status == .waiting)
        #expect(try await bench.flow(flow.id).openPrompts == 1)
        try await bench.decide(prompt, .approve)
        #expect(try await bench.flow(flow.id).status == .running)
        #expect(try await bench.flow(flow.id).openPrompts == 0)
        await bench.stop()
    }

    @Test(arguments: [
        ("{\"type\":\"RUN_FINISHED\",\"threadId\":\"t\",\"runId\":\"r\"}", FlowStatus.succeeded),
        ("{\"type\":\"RUN_ERROR\",\"message\":\"gone\"}", .failed),
    ])
    func anExternalFlowThatEndsTakesItsPromptsBack(_ event: String, _ status: FlowStatus) async throws {
        let bench = try await bench()
        let flow = try await external(bench)
        let prompt = try await ask(bench, flow)
        _ = try await bench.within {
            try await bench.commands.append([try JSON.parse(event)], to: flow.id, by: bench.principal("bot", [.agent]))
        }
        #expect(try await bench.flow(flow.id).status == status)
        #expect(try await bench.openPrompts(flow.id).isEmpty)
        guard case .cancelled = await outcome({ try await bench.decide(prompt, .approve) }) else {
            Issue.record("A prompt of a flow that has ended was decided.")
            return
        }
        await bench.stop()
    }

    @Test func malformedQuestionsAreNotAsked() async throws {
        let bench = try await bench()
        let flow = try await external(bench)
        let draft = PromptDraft(kind: .confirmation, title: "", message: "", shown: [:], allowed: [])
        let error = await outcome {
            _ = try await bench.within {
                try await bench.approvals.ask(
                    draft,
                    step: "",
                    flow: flow.id,
                    by: bench.principal("bot", [.agent]),
                    channel: "test"
                )
            }
        }
        guard case .invalid(let violations) = error else {
            Issue.record("An empty question was asked.")
            return
        }
        #expect(Set(violations.map(\.pointer)) == ["/title", "/allowed", "/step"])
        #expect(try await bench.openPrompts(flow.id).isEmpty)
        await bench.stop()
    }
}
