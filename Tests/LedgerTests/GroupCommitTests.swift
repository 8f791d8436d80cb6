import Domain
import FlowSupport
import JSON
import Ledger
import Locking
import Persistence
import Postgres
import Reactor
import TestSupport
import Testing

/// Writes that share commits, on a real database that loses answers.
@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct GroupCommitTests {
    private let database: TestDatabase
    private let tenant: Tenant
    private let store: FaultyStore
    private let ledger: Ledger
    private let heard = Heard()

    /// What was told, flow by flow.
    private struct Heard: CommitPublisher {
        let positions = Box([FlowID: [Int64]]())

        func publish(_ committed: Committed) {
            guard let flow = committed.flow else { return }
            positions.value.withLock { $0[flow, default: []] += committed.events.map(\.seq) }
        }
    }

    init() async throws {
        database = try await TestDatabase.make()
        tenant = try await database.makeTenant()
        store = FaultyStore(store: database.store)
        ledger = Self.ledger(store, publisher: heard)
    }

    /// A process in which each tenant has one commit under way at most.
    private static func ledger(_ store: any Store, publisher: any CommitPublisher = Silence()) -> Ledger {
        var limits = Ledger.Limits()
        limits.commits = 2
        return Ledger(store: store, publisher: publisher, limits: limits) { TestDatabase.workers.local.spawn($0) }
    }

    /// Starts writes that cannot be made yet; they are in the queue, in this order, when it returns.
    private func start<Result: Sendable>(
        _ count: Int = 1,
        _ write: @escaping @Sendable (Int) async throws -> Result
    ) async throws -> [Task<Result, any Error>] {
        var tasks: [Task<Result, any Error>] = []
        let deadline = ContinuousClock.now + .seconds(30)
        for number in 0..<count {
            let before = ledger.waiting
            tasks.append(Task { try await write(number) })
            while ledger.waiting == before {
                try #require(ContinuousClock.now < deadline)
                await Task.yield()
            }
        }
        return tasks
    }

    /// Holds up a commit, so that what is started now waits for the next.
    private func hold() async throws -> (gate: Gate, write: Task<Int, any Error>) {
        let gate = Gate()
        let flow = try await makeFlow()
        store.meet(.wait(gate))
        let write = Task { try await count(flow) }
        await gate.somebodyCame()
        return (gate, write)
    }

    private func makeFlow() async throws -> FlowID {
        let flow = Flow.external(state: ["n": 0])
        try await ledger.create(flow, in: tenant.id, by: "c") { $0.emit(["type": "CUSTOM"]) }
        return flow.id
    }

    /// Adds one to `/n` and gives what it is then.
    @discardableResult
    private func count(_ flow: FlowID, _ ledger: Ledger? = nil, by actor: String = "w") async throws -> Int {
        try await (ledger ?? self.ledger).change(flow, in: tenant.id, by: actor) { draft in
            let n = (draft.flow.state["n"]?.int ?? 0) + 1
            try draft.setState(["n": JSON(n)])
            return n
        }
    }

    private func stored(_ flow: FlowID) async throws -> (flow: Flow, events: [FlowEvent]) {
        try await database.store.transaction(as: tenant.id, .snapshot) { transaction in
            guard let found = try await transaction.flows.find(flow, locked: false) else {
                throw LedgerError.noSuchFlow
            }
            return (found, try await transaction.flows.events(of: flow, after: 0, limit: 100_000))
        }
    }

    private func expectState(_ n: Int, of flow: FlowID) async throws {
        let (flow, events) = try await stored(flow)
        #expect(flow.state == ["n": JSON(n)])
        #expect(events.map(\.seq) == Array(1...flow.seq))
    }

    @Test func writesThatArriveDuringACommitTravelInTheNext() async throws {
        let flows = [try await makeFlow(), try await makeFlow(), try await makeFlow()]
        let held = try await hold()
        let writes = try await start(60) { try await count(flows[$0 % 3]) }
        held.gate.open()
        for task in [held.write] + writes { _ = try await task.value }
        for flow in flows { try await expectState(20, of: flow) }
        #expect(store.commits == 2)
    }

    @Test func eachCallerGetsItsOwnAnswerInOrder() async throws {
        let flow = try await makeFlow()
        let tenant = self.tenant.id
        let held = try await hold()
        let tasks = try await start(200) { [ledger] number in
            try await ledger.change(flow, in: tenant, by: "w") { draft in
                try draft.setState(["n": JSON(number + 1)])
                return [number, Int(draft.flow.seq)]
            }
        }
        held.gate.open()
        for (number, task) in tasks.enumerated() { #expect(try await task.value == [number, number + 2]) }
        try await expectState(200, of: flow)
    }

    @Test func aBadWriteDoesNotSinkItsNeighbours() async throws {
        let flows = [try await makeFlow(), try await makeFlow()]
        let held = try await hold()
        // The database cannot hold such a name, which only it can tell.
        let bad = try await start { _ in try await count(flows[0], by: "a\u{0}") }
        let good = try await start(4) { try await count(flows[$0 % 2]) }
        held.gate.open()
        for task in bad { await #expect(throws: StoreError.self) { try await task.value } }
        for task in [held.write] + good { _ = try await task.value }
        for flow in flows { try await expectState(2, of: flow) }
    }

    @Test func whatABodyThrowsIsItsOwnAndLeavesNothing() async throws {
        let flow = try await makeFlow()
        struct Refusal: Error {}
        let tenant = self.tenant.id
        let held = try await hold()
        let before = try await start { _ in try await count(flow) }
        let refused: [Task<Void, any Error>] = try await start { [ledger] _ in
            try await ledger.change(flow, in: tenant, by: "w") { draft in
                try draft.setState(["half": true])
                draft.set(status: .failed, phase: "half")
                throw Refusal()
            }
        }
        let after = try await start { _ in try await count(flow) }
        held.gate.open()
        for task in [held.write] + before + after { _ = try await task.value }
        for task in refused { await #expect(throws: Refusal.self) { try await task.value } }
        try await expectState(2, of: flow)
        #expect(try await stored(flow).flow.status == .running)
    }

    @Test func aLostAnswerIsLookedUp() async throws {
        let flow = try await makeFlow()
        try await count(flow)
        store.meet(.loseAnswer)
        #expect(try await count(flow) == 2)
        try await expectState(2, of: flow)
        #expect(store.commits == 2)
    }

    /// Who does not read the database hears of it all the same, and once.
    @Test func whatALostAnswerHidIsToldOnce() async throws {
        let flow = try await makeFlow()
        try await count(flow)
        let held = try await hold()
        store.meet(.loseAnswer)
        let writes = try await start(3) { _ in try await count(flow) }
        held.gate.open()
        for write in writes { _ = try await write.value }
        try await expectState(4, of: flow)
        #expect(heard.positions.value.withLock { $0[flow] } == [1, 2, 3, 4, 5])
    }

    @Test func aLostRequestIsMadeAgain() async throws {
        let flow = try await makeFlow()
        store.meet(.loseRequest, .loseRequest)
        #expect(try await count(flow) == 1)
        try await expectState(1, of: flow)
        #expect(store.commits == 3)
    }

    @Test func aCommitThatComesLateIsNotMadeTwice() async throws {
        let flow = try await makeFlow()
        let held = try await hold()
        store.meet(.delay)
        let writes = try await start(2) { _ in try await count(flow) }
        held.gate.open()
        #expect(try await writes[0].value == 1)
        #expect(try await writes[1].value == 2)
        try await expectState(2, of: flow)
    }

    @Test func aDatabaseThatIsAwayIsSaidSoAndComesBack() async throws {
        let flow = try await makeFlow()
        store.meet(.fail(.unavailable("away")))
        await #expect(throws: StoreError.unavailable("away")) { try await count(flow) }
        #expect(try await count(flow) == 1)
        try await expectState(1, of: flow)
    }

    @Test func processesTakeTurnsOnTheSameFlows() async throws {
        let flows = [try await makeFlow(), try await makeFlow(), try await makeFlow()]
        let other = Self.ledger(database.store)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<240 {
                group.addTask {
                    try await count(flows[number % 3], number.isMultiple(of: 2) ? nil : other)
                }
            }
            try await group.waitForAll()
        }
        for flow in flows { try await expectState(80, of: flow) }
    }

    /// A process that writes a flow all the time knows it always; another one has to read it first each time.
    @Test func nobodyLosesTheSameFlowTwice() async throws {
        let flow = try await makeFlow()
        let (other, tenant) = (Self.ledger(database.store), tenant.id)
        let busy = (0..<16).map { _ in
            Task {
                while !Task.isCancelled {
                    try await other.change(flow, in: tenant, by: "busy") {
                        try $0.setState(["n": JSON(Int($0.flow.seq))])
                    }
                }
            }
        }
        for _ in 0..<20 { _ = try await count(flow) }
        for task in busy { task.cancel() }
        for task in busy { try await task.value }
        #expect(ledger.counters[.overtaken] <= 20)
    }

    @Test func anErrorIsNotMadeFromWhatIsOutOfDate() async throws {
        let flow = try await makeFlow()
        let other = Self.ledger(database.store)
        try await count(flow)
        try await count(flow, other)
        // What this ledger knows has no /x, and is at another position.
        _ = try await other.change(flow, in: tenant.id, by: "w") { try $0.setState(["n": 2, "x": 1]) }
        try await ledger.change(flow, in: tenant.id, by: "w") { draft in
            try draft.patchState(JSONPatch(operations: [.remove(JSONPointer("/x"))]))
        }
        // Nothing is written by it, so no commit tells that it is out of date.
        _ = try await other.change(flow, in: tenant.id, by: "w") { try $0.setState(["n": 3]) }
        #expect(try await ledger.change(flow, in: tenant.id, by: "w") { $0.flow.state } == ["n": 3])
    }

    @Test func historiesThatWentApartAreNotMixed() async throws {
        let flow = try await makeFlow()
        try await count(flow)
        // A database that lost its last commit, and made another one in its place.
        try await database.owner.withConnection { session in
            _ = try await session.query(
                "UPDATE signalbox.flows SET state = '{\"n\": 40}', commit_id = gen_random_uuid() WHERE id = $1::uuid",
                [.text(flow.text)]
            )
        }
        #expect(try await count(flow) == 41)
    }

    @Test func writesInTransactionsOfTheirOwnKeepTheirPlaceInTheLine() async throws {
        let flow = try await makeFlow()
        let tenant = self.tenant.id
        let ledger = self.ledger
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask {
                    guard number.isMultiple(of: 3) else {
                        try await count(flow)
                        return
                    }
                    try await ledger.write(flow, in: tenant, by: "w") { writer in
                        _ = try writer.setState(["n": JSON((writer.flow.state["n"]?.int ?? 0) + 1)])
                    }
                }
            }
            try await group.waitForAll()
        }
        try await expectState(60, of: flow)
    }

    @Test func whoStopsWaitingForAFlowLetsOthersGoOn() async throws {
        let flow = try await makeFlow()
        let tenant = self.tenant.id
        let gate = Gate()
        store.meet(.wait(gate))
        let first = Task { try await count(flow) }
        await gate.somebodyCame()
        let waiting = try await start { [ledger] _ in
            try await ledger.write(flow, in: tenant, by: "w") { _ = try $0.setState([:]) }
        }
        let last = try await start { _ in try await count(flow) }
        for task in waiting {
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        gate.open()
        for task in [first] + last { _ = try await task.value }
        try await expectState(2, of: flow)
    }

    @Test func aFlowThatIsNotThereIsSaidSo() async throws {
        await #expect(throws: LedgerError.noSuchFlow) { try await count(.generate()) }
    }
}
