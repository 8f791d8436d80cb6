import Approvals
import Domain
import FlowSupport
import Flows
import JSON
import Ledger
import Locking
import Persistence
import Postgres
import PropertySupport
import TestSupport
import Testing

@testable import Streams

/// What a flow was is what its watchers saw then.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15")) struct FlowHistoryTests {
    private let bench: FlowBench
    private let now = Timestamp.now()

    init() async throws {
        var registry = FlowRegistry()
        try registry.register(
            FlowDefinition<Tally>("stumbling", initial: { _ in Tally() }) { flow in
                let first = flow.start("first") { context in
                    context.stage { $0.log.append("first") }
                    return 1
                }
                let asked = flow.ask("ask", after: first) { _, _ in
                    PromptDraft(kind: .confirmation, title: "Go?", message: "", shown: [:], allowed: [.approve])
                }
                let stone = Stone()
                flow.listen("stumble", to: asked) { context, _ in
                    try stone.pass()
                    context.stage { $0.log.append("stumble") }
                    return 2
                }
            }
        )
        let database = try await TestDatabase.make()
        try await database.beginPartitions(daysAgo: 30)
        bench = try await FlowBench(database, tenant: try await database.makeTenant(), registry: registry)
    }

    private struct Tally: Codable, Sendable { var log: [String] = [] }
    private struct Stumbled: Error {}

    /// Nobody passes at the first try.
    private final class Stone: Sendable {
        private let isKnown = Mutex(false)

        func pass() throws {
            let wasKnown = isKnown.withLock { known in
                defer { known = true }
                return known
            }
            guard wasKnown else { throw Stumbled() }
        }
    }

    private func read<Result: Sendable>(
        _ id: FlowID,
        _ body: @Sendable (FlowHistory, Flow, any StoreTransaction) async throws -> Result
    ) async throws -> Result {
        try await bench.database.store.transaction(as: bench.tenant.id, .snapshot) { transaction in
            let flow = try #require(try await transaction.flows.find(id, locked: false))
            return try await body(FlowHistory(of: flow, in: transaction), flow, transaction)
        }
    }

    private func present(_ id: FlowID) async throws -> (seq: Int64, document: JSON) {
        try await read(id) { _, flow, transaction in
            (flow.seq, try await FlowHistory(of: flow, in: transaction).present())
        }
    }

    /// The documents at all positions, as a client makes them from the first one.
    private func folds(_ id: FlowID) async throws -> [JSON] {
        let events = try await bench.events(id)
        let flow = try await bench.flow(id)
        #expect(events.map(\.seq) == Array(1...flow.seq))
        var documents = [try await read(id) { history, _, _ in try #require(try await history.document(at: 0)) }]
        for event in events {
            let entry = StreamEntry(event, flow: id, epoch: flow.epoch)
            documents.append(try entry.applied(to: try #require(documents.last)))
        }
        return documents
    }

    /// One random thing that happens to an external flow.
    private func happen(_ id: FlowID, at time: Timestamp, _ generator: inout SeededGenerator) async throws {
        let (ledger, tenant) = (bench.ledger, bench.tenant.id)
        let number = Int.random(in: 0..<1000, using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0:
            let status = try #require([FlowStatus.running, .waiting].randomElement(using: &generator))
            try await ledger.write(id, in: tenant, by: "w", at: time) { $0.set(status: status, phase: "p\(number)") }
        case 1, 2:
            try await ledger.write(id, in: tenant, by: "w", at: time) { writer in
                let draft = PromptDraft(
                    kind: .confirmation,
                    title: "Is it \(number)?",
                    message: "",
                    shown: ["n": JSON(number)],
                    allowed: [.approve, .reject]
                )
                _ = try await writer.ask(draft, step: "s\(number % 3)", by: "w", channel: "test")
            }
        case 3:
            guard let prompt = try await bench.openPrompts(id).randomElement(using: &generator) else { return }
            try await bench.decide(prompt, .approve)
        case 4:
            let count = Int.random(in: 1...600, using: &generator)
            try await ledger.change(id, in: tenant, by: "w", at: time) { draft in
                for n in 0..<count { try draft.setState(["n": JSON(n), "of": JSON(number)]) }
            }
        case 5:
            try await ledger.change(id, in: tenant, by: "w", at: time) {
                $0.emit(["type": "STATE_SNAPSHOT", "snapshot": $0.flow.state])
            }
        default:
            try await ledger.change(id, in: tenant, by: "w", at: time) {
                try $0.setState(["n": JSON(number), "list": .array((0..<number % 9).map { JSON($0) })])
            }
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func theDocumentAtAPositionIsTheFoldOfAllEvents(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let born = Flow.external(state: ["n": 0], at: now.daysEarlier(20))
        try await bench.ledger.create(born, in: bench.tenant.id, by: "w") {
            $0.emit(["type": "STATE_SNAPSHOT", "snapshot": ["n": 0]])
        }
        var seen: [(seq: Int64, document: JSON)] = [try await present(born.id)]
        for turn in 0..<40 {
            try await happen(born.id, at: now.daysEarlier(Int64(20 - turn / 2)), &generator)
            seen.append(try await present(born.id))
        }
        let folds = try await folds(born.id)
        for (seq, document) in seen { #expect(folds[Int(seq)] == document, "\(seq)") }
        for _ in 0..<60 {
            let seq = Int64.random(in: 0..<Int64(folds.count), using: &generator)
            let (document, state) = try await read(born.id) { history, _, _ in
                (try await history.document(at: seq), try await history.state(at: seq))
            }
            #expect(document == folds[Int(seq)], "\(seq)")
            #expect(state == folds[Int(seq)]["state"], "\(seq)")
        }
        #expect(try await read(born.id) { history, _, _ in try await history.firstDocument() } == 0)

        // What is left when the first days are gone is the same, and the rest is not made up.
        _ = try await bench.database.store.maintainHistory(HistoryPolicy(days: 7))
        let first = try await read(born.id) { history, _, _ in try await history.firstDocument() }
        #expect(first > 0)
        for seq in [1, first - 1, first, first + 1, Int64(folds.count) - 1] {
            let document = try await read(born.id) { history, _, _ in try await history.document(at: seq) }
            #expect(document == (seq < first ? nil : folds[Int(seq)]), "\(seq)")
        }
        await bench.stop()
    }

    @Test func theLogOfANativeFlowTellsItsDocumentsFromTheBeginning() async throws {
        let flow = try await bench.start("stumbling")
        try await bench.decide(try await bench.prompt("ask", of: flow.id), .approve)
        _ = try await bench.wait(for: .failed, of: flow.id)
        let failed = try await present(flow.id)
        _ = try await bench.within {
            try await bench.commands.retry(flow.id, by: bench.principal(), channel: "test")
        }
        _ = try await bench.wait(for: .succeeded, of: flow.id)
        let folds = try await folds(flow.id)
        #expect(folds.first?["flow"]?["status"] == "pending" && folds.first?["state"] == [:])
        #expect(folds[Int(failed.seq)] == failed.document)
        #expect(try await present(flow.id).document == folds.last)
        for (seq, fold) in folds.enumerated() {
            let document = try await read(flow.id) { history, _, _ in try await history.document(at: Int64(seq)) }
            #expect(document == fold, "\(seq)")
        }
        await bench.stop()
    }

    /// A flow that begins as nothing in its row says, as one that is copied from another would.
    @Test func theFirstEventTellsWhatIsUnusualFromTheBeginning() async throws {
        var born = Flow.external(at: now)
        born.status = .waiting
        born.phase = "copied"
        try await bench.ledger.create(born, in: bench.tenant.id, by: "w") {
            $0.emit(["type": "STATE_SNAPSHOT", "snapshot": [:]])
        }
        #expect(try await folds(born.id).last == (try await present(born.id).document))
        await bench.stop()
    }

    @Test func snapshotsFromBeforeTheRestWasKeptArePassedOver() async throws {
        let born = Flow.external(at: now.daysEarlier(9))
        try await bench.ledger.create(born, in: bench.tenant.id, by: "w") {
            $0.emit(["type": "STATE_SNAPSHOT", "snapshot": [:]])
        }
        for days in [8, 3, 2] as [Int64] {
            try await bench.ledger.change(born.id, in: bench.tenant.id, by: "w", at: now.daysEarlier(days)) {
                try $0.setState(["days": JSON(Int(days))])
            }
        }
        try await bench.database.owner.withConnection {
            try await $0.script(
                """
                ALTER TABLE signalbox.flow_snapshots NO FORCE ROW LEVEL SECURITY;
                UPDATE signalbox.flow_snapshots SET outside = NULL WHERE seq < 3;
                ALTER TABLE signalbox.flow_snapshots FORCE ROW LEVEL SECURITY;
                """
            )
        }
        let folds = try await folds(born.id)
        func document(_ seq: Int64) async throws -> JSON? {
            try await read(born.id) { history, _, _ in try await history.document(at: seq) }
        }
        #expect(try await document(2) == folds[2])
        _ = try await bench.database.store.maintainHistory(HistoryPolicy(days: 7))
        #expect(try await document(2) == nil)
        #expect(try await document(3) == folds[3])
        #expect(try await read(born.id) { history, _, _ in try await history.state(at: 2) } == ["days": 8])
        #expect(try await read(born.id) { history, _, _ in try await history.firstDocument() } == 3)
        await bench.stop()
    }
}
