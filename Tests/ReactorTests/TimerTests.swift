import PropertySupport
import Testing

@testable import Reactor

@Suite struct TimerTests {
    @Test(arguments: 0..<8 as Range<UInt64>)
    func bodiesComeInOrderOfDeadlineAndCreation(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = TimerQueue()
        var due: [(deadline: UInt64, number: Int)] = []
        var ran: [Int] = []
        let journal = Journal<Int>()
        for number in 0..<500 {
            let deadline = UInt64.random(in: 0..<50, using: &random)
            let timer = queue.add(deadline: deadline) { journal.add(number) }
            if Bool.random(using: &random) { _ = queue.cancel(timer) } else { due.append((deadline, number)) }
            // Some are taken in between, as on a loop.
            if number.isMultiple(of: 50), let body = queue.nextDue(at: 3) {
                body()
                ran.append(0)
                let first = due.indices.min { (due[$0].deadline, due[$0].number) < (due[$1].deadline, due[$1].number) }
                #expect(journal.all.last == first.map { due[$0].number }, "seed \(seed)")
                if let first { due.remove(at: first) }
            }
        }
        while let body = queue.nextDue(at: 49) { body() }
        let expected = due.sorted { ($0.deadline, $0.number) < ($1.deadline, $1.number) }.map(\.number)
        #expect(Array(journal.all.dropFirst(ran.count)) == expected, "seed \(seed)")
        #expect(queue.count == 0)
    }

    @Test func nothingIsDueBeforeItsDeadline() {
        var queue = TimerQueue()
        _ = queue.add(deadline: 10) {}
        #expect(queue.nextDue(at: 9) == nil)
        #expect(queue.nextDeadline == 10)
        #expect(queue.nextDue(at: 10) != nil)
    }

    @Test func aBodyMayCancelTheNextOne() async throws {
        try await withWorkers { workers in
            let journal = Journal<String>()
            await workers.local.run { worker in
                let loop = worker.loop
                // Both are due in the same turn: what cancels has no other chance than the first one's body.
                var second: TimerID?
                loop.schedule(after: .zero) {
                    journal.add("first")
                    if let second { loop.cancel(second) }
                }
                second = loop.schedule(after: .zero) { journal.add("second") }
                loop.schedule(after: .milliseconds(1)) { journal.add("third") }
            }
            #expect(await journal.wait { $0.contains("third") } == ["first", "third"])
        }
    }

    @Test func cancelledTimersDoNotAccumulate() async throws {
        try await withWorkers { workers in
            let count = await workers.local.run { worker in
                for _ in 0..<10_000 { worker.loop.cancel(worker.loop.schedule(after: .seconds(3600)) {}) }
                return worker.loop.timerCount
            }
            #expect(count <= 65)
        }
    }

    @Test func whatABodyHoldsMayCancelATimerAsItGoes() async throws {
        final class Canceller {
            let loop: EventLoop
            let timer: TimerID
            init(_ loop: EventLoop) {
                self.loop = loop
                timer = loop.schedule(after: .seconds(3600)) {}
            }
            deinit { loop.cancel(timer) }
        }
        try await withWorkers { workers in
            let count = await workers.local.run { worker in
                let loop = worker.loop
                let canceller = Canceller(loop)
                let holder = loop.schedule(after: .seconds(3600)) { _ = canceller }
                loop.cancel(holder)
                // This one is let go by the end of the loop.
                let other = Canceller(loop)
                loop.schedule(after: .seconds(3600)) { _ = other }
                return loop.timerCount
            }
            #expect(count >= 2)
        }
    }

    @Test func absurdDelaysNeitherFireNorTrap() async throws {
        try await withWorkers { workers in
            let journal = Journal<String>()
            await workers.local.run { worker in
                worker.loop.schedule(after: .seconds(Int64.max)) { journal.add("never") }
                worker.loop.schedule(after: .seconds(Int64.min)) { journal.add("at once") }
                worker.loop.schedule(after: .milliseconds(2)) { journal.add("soon") }
            }
            #expect(await journal.wait { $0.contains("soon") } == ["at once", "soon"])
        }
    }
}
