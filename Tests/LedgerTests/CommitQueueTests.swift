import Domain
import PropertySupport
import Testing

@testable import Ledger

/// The queue with numbers for writes and borrowers, against rules that any order of events must keep.
@Suite struct CommitQueueTests {
    private typealias Queue = CommitQueue<Int, Int>

    private static let tenants = [TenantID.generate(), .generate(), .generate()]
    private static let flows = (0..<4).map { _ in FlowID.generate() }

    /// Who has what, as the rules see it.
    private struct World {
        var queue: Queue
        let limits: Queue.Limits
        var batches: [Queue.Batch] = []
        var borrowed: [(flow: FlowID, tenant: TenantID, id: Int)] = []
        /// Lanes that have yet to ask for their first batch.
        var starting = 0
        /// What was asked for and is not done, in order.
        var asked: [TenantID: [FlowID: [Int]]] = [:]
        var next = 0

        mutating func follow(_ actions: Queue.Actions, _ places: [Int: (FlowID, TenantID)]) throws {
            starting += actions.lanes
            for id in actions.lent {
                let (flow, tenant) = try #require(places[id])
                #expect(asked[tenant]?[flow]?.first == id, "it is its turn")
                #expect(isFree(flow, tenant), "nobody else has the flow")
                borrowed.append((flow, tenant, id))
            }
        }

        func isFree(_ flow: FlowID, _ tenant: TenantID) -> Bool {
            !borrowed.contains { $0.flow == flow && $0.tenant == tenant }
                && !batches.contains { batch in
                    batch.tenant == tenant && batch.parts.contains { $0.flow == flow }
                }
        }

        mutating func taken(_ batch: Queue.Batch) {
            #expect(!batch.parts.isEmpty)
            #expect(batch.parts.reduce(0) { $0 + $1.writes.count } <= limits.batch)
            for part in batch.parts {
                #expect(isFree(part.flow, batch.tenant), "nobody else has the flow")
                let first = asked[batch.tenant]?[part.flow]?.prefix(part.writes.count)
                #expect(Array(first ?? []) == part.writes, "in the order they were asked for")
            }
            batches.append(batch)
            #expect(batches.count { $0.tenant == batch.tenant } <= limits.lanesPerTenant)
            #expect(batches.count <= limits.lanes)
        }
    }

    @Test(arguments: 0..<200) func everyOrderOfEventsKeepsTheRules(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var limits = Queue.Limits()
        limits.lanes = 3
        limits.lanesPerTenant = 2
        limits.batch = Int.random(in: 1...6, using: &random)
        var world = World(queue: Queue(limits: limits), limits: limits)
        var places: [Int: (FlowID, TenantID)] = [:]
        var waitingBorrowers: Set<Int> = []

        func finishBatch(_ index: Int, keeping: Bool) throws {
            var batch = world.batches.remove(at: index)
            for part in batch.parts.indices {
                let kept = keeping ? Int.random(in: 0...batch.parts[part].writes.count, using: &random) : 0
                let done = batch.parts[part].writes.count - kept
                world.asked[batch.tenant]?[batch.parts[part].flow]?.removeFirst(done)
                batch.parts[part].writes.removeFirst(done)
            }
            let (next, actions) = world.queue.exchange(batch)
            if let next { world.taken(next) }
            try world.follow(actions, places)
            waitingBorrowers.subtract(actions.lent)
        }
        func finishLoan(_ index: Int) throws {
            let loan = world.borrowed.remove(at: index)
            world.asked[loan.tenant]?[loan.flow]?.removeFirst()
            let actions = world.queue.giveBack(loan.flow, of: loan.tenant)
            try world.follow(actions, places)
            waitingBorrowers.subtract(actions.lent)
        }
        func startLane() throws {
            world.starting -= 1
            let (next, actions) = world.queue.exchange(nil)
            if let next { world.taken(next) }
            try world.follow(actions, places)
            waitingBorrowers.subtract(actions.lent)
        }

        for _ in 0..<400 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<45:
                let tenant = try #require(Self.tenants.randomElement(using: &random))
                let flow = try #require(Self.flows.randomElement(using: &random))
                world.next += 1
                let id = world.next
                places[id] = (flow, tenant)
                world.asked[tenant, default: [:]][flow, default: []].append(id)
                let isLoan = Int.random(in: 0..<5, using: &random) == 0
                if isLoan { waitingBorrowers.insert(id) }
                let actions =
                    isLoan
                    ? try world.queue.lend(flow, of: tenant, to: id, id: UInt64(id))
                    : try world.queue.add(id, to: flow, of: tenant)
                try world.follow(actions, places)
                waitingBorrowers.subtract(actions.lent)
            case 45..<55:
                guard let id = waitingBorrowers.randomElement(using: &random), let (flow, tenant) = places[id] else {
                    continue
                }
                let (borrower, actions) = world.queue.abandon(flow, of: tenant, id: UInt64(id))
                #expect(borrower == id)
                waitingBorrowers.remove(id)
                world.asked[tenant]?[flow]?.removeAll { $0 == id }
                try world.follow(actions, places)
                waitingBorrowers.subtract(actions.lent)
            case 55..<58:
                let (removed, actions) = world.queue.removeWrites { $0.isMultiple(of: 2) }
                #expect(removed.allSatisfy { $0.isMultiple(of: 2) })
                for id in removed {
                    guard let (flow, tenant) = places[id] else { continue }
                    world.asked[tenant]?[flow]?.removeAll { $0 == id }
                }
                try world.follow(actions, places)
                waitingBorrowers.subtract(actions.lent)
            case 58..<75:
                if world.starting > 0 { try startLane() }
            case 75..<90:
                guard let index = world.batches.indices.randomElement(using: &random) else { continue }
                try finishBatch(index, keeping: true)
            default:
                guard let index = world.borrowed.indices.randomElement(using: &random) else { continue }
                try finishLoan(index)
            }
        }
        // Everything comes to its end, and nothing is forgotten.
        while world.starting > 0 || !world.batches.isEmpty || !world.borrowed.isEmpty {
            if world.starting > 0 { try startLane() }
            if !world.batches.isEmpty { try finishBatch(0, keeping: false) }
            if !world.borrowed.isEmpty { try finishLoan(0) }
        }
        let left = world.asked.values.flatMap(\.values).flatMap(\.self)
        #expect(left == [])
        #expect(world.queue.waiting == 0)
        #expect(world.queue.isIdle)
    }

    @Test func aFloodOfOneTenantLeavesALaneForOthers() throws {
        var limits = Queue.Limits()
        limits.lanes = 3
        limits.lanesPerTenant = 2
        limits.batch = 1
        var queue = Queue(limits: limits)
        let (flooding, other) = (Self.tenants[0], Self.tenants[1])
        var lanes = 0
        for number in 0..<100 { lanes += try queue.add(number, to: .generate(), of: flooding).lanes }
        for _ in 0..<2 {
            let (batch, actions) = queue.exchange(nil)
            #expect(batch?.tenant == flooding)
            lanes += actions.lanes
        }
        #expect(lanes == 2)
        let actions = try queue.add(100, to: .generate(), of: other)
        #expect(actions.lanes == 1)
        #expect(queue.exchange(nil).next?.tenant == other)
    }

    @Test func theirTurnsAlternate() throws {
        var limits = Queue.Limits()
        limits.lanes = 2
        limits.lanesPerTenant = 1
        limits.batch = 1
        var queue = Queue(limits: limits)
        for number in 0..<4 { _ = try queue.add(number, to: .generate(), of: Self.tenants[0]) }
        for number in 4..<6 { _ = try queue.add(number, to: .generate(), of: Self.tenants[1]) }
        var order: [Int] = []
        var batch = queue.exchange(nil).next
        while var done = batch {
            order += done.parts.flatMap(\.writes)
            for index in done.parts.indices { done.parts[index].writes = [] }
            batch = queue.exchange(done).next
        }
        #expect(order == [0, 4, 1, 5, 2, 3])
    }

    @Test func thereIsALimitForEachTenantAndForAll() throws {
        var limits = Queue.Limits()
        limits.waiting = 5
        limits.waitingPerTenant = 3
        var queue = Queue(limits: limits)
        let flow = FlowID.generate()
        for number in 0..<3 { _ = try queue.add(number, to: flow, of: Self.tenants[0]) }
        #expect(throws: Queue.Full.self) { _ = try queue.add(3, to: flow, of: Self.tenants[0]) }
        for number in 0..<2 { _ = try queue.add(number, to: flow, of: Self.tenants[1]) }
        #expect(throws: Queue.Full.self) { _ = try queue.add(2, to: flow, of: Self.tenants[2]) }
    }
}
