import Domain
import FlowSupport
import Flows
import JSON
import Ledger
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable)) struct LedgerTests {
    private func bench() async throws -> (FlowBench, Flow) {
        let database = try await TestDatabase.make()
        let tenant = try await database.makeTenant()
        let bench = try await FlowBench(database, tenant: tenant, registry: FlowRegistry())
        return (bench, try await bench.start(Flow.externalType))
    }

    @Test func writersOfOneFlowTakePositionsOneAfterTheOther() async throws {
        let (bench, flow) = try await bench()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask {
                    try await bench.ledger.write(flow.id, in: bench.tenant.id, by: "w\(number)") { writer in
                        var state = writer.flow.state
                        try state.set(JSON((state["count"]?.int ?? 0) + 1), at: JSONPointer("/count"))
                        try writer.setState(state)
                    }
                }
            }
            try await group.waitForAll()
        }
        let stored = try await bench.flow(flow.id)
        #expect(stored.state == ["count": 60])
        #expect(try await bench.events(flow.id).map(\.seq) == Array(1...61))
        await bench.stop()
    }

    @Test func aWriteThatThrowsLeavesNothing() async throws {
        let (bench, flow) = try await bench()
        await #expect(throws: FlowDefinitionError.noStart) {
            try await bench.ledger.write(flow.id, in: bench.tenant.id, by: "w") { writer in
                try writer.setState(["half": true])
                try await writer.audit("flow.touched", subject: "x", channel: "test", detail: [:])
                throw FlowDefinitionError.noStart
            }
        }
        #expect(try await bench.flow(flow.id) == flow)
        let audited = try await bench.ledger.store.transaction(as: bench.tenant.id, .snapshot) {
            try await $0.audit.list(action: "flow.touched", subject: nil, limit: 5, cursor: nil)
        }
        #expect(audited?.items.isEmpty == true)
        await bench.stop()
    }

    @Test func whatChangesOutsideTheStateTravelsWithTheNextEvent() async throws {
        let (bench, flow) = try await bench()
        try await bench.ledger.write(flow.id, in: bench.tenant.id, by: "w") { writer in
            writer.set(status: .running, phase: "one")
            writer.emit(["type": "STEP_STARTED", "stepName": "one"])
            writer.set(status: .running, phase: "two")
        }
        let events = try await bench.events(flow.id).suffix(2)
        #expect(events.first?.patch == [["op": "replace", "path": "/flow/phase", "value": "one"]])
        #expect(events.last?.event["name"] == "signalbox.updated")
        #expect(events.last?.patch == [["op": "replace", "path": "/flow/phase", "value": "two"]])
        await bench.stop()
    }

    @Test func aStateMustBeAnObjectOfBoundedSize() async throws {
        let (bench, flow) = try await bench()
        let huge = JSON(String(repeating: "x", count: FlowWriter.maximumStateBytes))
        for (state, expected) in [
            (JSON("text"), LedgerError.stateIsNotAnObject),
            (
                ["s": huge],
                .stateTooLarge(bytes: FlowWriter.maximumStateBytes + 8, limit: FlowWriter.maximumStateBytes)
            ),
        ] {
            await #expect(throws: expected) {
                try await bench.ledger.write(flow.id, in: bench.tenant.id, by: "w") { try $0.setState(state) }
            }
        }
        #expect(try await bench.flow(flow.id).seq == 1)
        await bench.stop()
    }

    @Test func anotherTenantsFlowIsNotThere() async throws {
        let (bench, flow) = try await bench()
        let other = try await bench.database.makeTenant("globex")
        await #expect(throws: LedgerError.noSuchFlow) {
            try await bench.ledger.write(flow.id, in: other.id, by: "w") { try $0.setState([:]) }
        }
        await bench.stop()
    }
}
