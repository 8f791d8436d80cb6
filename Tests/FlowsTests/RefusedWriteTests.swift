import Domain
import FlowSupport
import JSON
import Ledger
import Reactor
import TestSupport
import Testing

@testable import Flows

private struct Nothing: Codable, Sendable {}

@Suite struct StoreErrorRefusalTests {
    @Test(arguments: ["22021", "23514", "42501", "54000", "XX001"])
    func whatTheDatabaseWouldRefuseAgainIsSaid(_ sqlState: String) throws {
        let refusal = try #require(StoreError.failed(sqlState: sqlState, message: "why").refusal)
        #expect(refusal.contains(sqlState) && refusal.contains("why"))
    }

    @Test func whatPassesByItselfIsNoRefusal() {
        let passing = ["40001", "40P01", "53300", "55P03", "57014", "XX000"].map {
            StoreError.failed(sqlState: $0, message: "")
        }
        for error in passing + [.unavailable(""), .unknownOutcome("")] { #expect(error.refusal == nil, "\(error)") }
        #expect(StoreError.duplicate("key").refusal != nil)
    }
}

@Suite(.enabled(if: PostgresCluster.isAvailable)) struct RefusedWriteTests {
    private func bench(_ build: (FlowBuilder<Nothing>) throws -> Void) async throws -> FlowBench {
        var registry = FlowRegistry()
        try registry.register(FlowDefinition<Nothing>("test", initial: { _ in Nothing() }, build))
        let database = try await TestDatabase.make()
        return try await FlowBench(database, tenant: try await database.makeTenant(), registry: registry)
    }

    @Test func aStepWhoseWriteTheDatabaseRefusesFailsAndIsNotRunForEver() async throws {
        let bench = try await bench { flow in
            flow.start("store") { context in
                let asset = Asset(
                    id: .generate(),
                    key: "k",
                    flow: context.flow,
                    name: "a\u{0}b",
                    type: nil,
                    environment: nil,
                    attributes: [:],
                    sourceRow: 1,
                    createdAt: .now()
                )
                try await context.transaction { try await $0.assets.upsert([asset]) }
                return true
            }
        }
        let flow = try await bench.start("test")
        _ = try await bench.wait(for: .failed, .succeeded, of: flow.id)
        let step = try #require(try await bench.steps(flow.id).first)
        #expect(step.status == .failed)
        #expect(step.attempt == 1)
        #expect(step.error?.contains("22021") == true)
        await bench.stop()
    }

    @Test func aCancelledFlowStaysCancelledWhateverItsAgentSends() async throws {
        let bench = try await bench { flow in flow.start("start") { _ in true } }
        let agent = bench.principal("agent", [.agent])
        let flow = try await bench.start(Flow.externalType)
        _ = try await bench.within {
            try await bench.commands.cancel(flow.id, by: bench.principal("olga", [.operator]), channel: "test")
        }
        let events: [JSON] = [["type": "RUN_STARTED", "threadId": "t", "runId": "r"]]
        await #expect(throws: LedgerError.flowHasEnded(.cancelled)) {
            try await bench.within { try await bench.commands.append(events, to: flow.id, by: agent) }
        }
        #expect(try await bench.flow(flow.id).status == .cancelled)
        await bench.stop()
    }

    @Test func textThatTheDatabaseCannotHoldIsRefusedWithItsPlace() async throws {
        let bench = try await bench { flow in flow.start("start") { _ in true } }
        let flow = try await bench.start(Flow.externalType)
        let events: [JSON] = [["type": "STEP_STARTED", "stepName": "a\u{0}"]]
        await #expect(throws: FlowError.invalidInput(pointer: "/0/stepName", message: "must not contain U+0000")) {
            try await bench.within {
                try await bench.commands.append(events, to: flow.id, by: bench.principal("agent", [.agent]))
            }
        }
        do {
            _ = try await bench.within {
                try await bench.commands.create(
                    type: Flow.externalType,
                    title: "\u{0}",
                    state: nil,
                    metadata: nil,
                    input: nil,
                    by: bench.principal("olga", [.operator]),
                    channel: "test"
                ) { _ in }
            }
            Issue.record("The title was taken.")
        } catch FlowError.invalidInput(let pointer, _) {
            #expect(pointer == "/title")
        }
        await bench.stop()
    }
}
