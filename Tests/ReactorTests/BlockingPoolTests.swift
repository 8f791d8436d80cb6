import Foundation
import Testing

@testable import Reactor

@Suite struct BlockingPoolTests {
    private struct Failure: Error, Equatable {}

    @Test func givesResultsAndErrorsBack() async throws {
        let pool = BlockingPool(threads: 2)
        #expect(try await pool.run { 41 + 1 } == 42)
        await #expect(throws: Failure.self) { try await pool.run { throw Failure() } }
        await onThread { pool.shutDown() }
    }

    @Test func refusesMoreThanMayWait() async throws {
        let pool = BlockingPool(threads: 1, limit: 2)
        let (gate, begun) = (DispatchSemaphore(value: 0), Journal<Int>())
        let first = Task {
            try await pool.run {
                begun.add(0)
                gate.wait()
            }
        }
        await begun.wait { $0.count == 1 }
        let waiting = (1...2).map { number in Task { try await pool.run { begun.add(number) } } }
        // Whether both wait is only seen by a third being refused, which itself takes no place.
        let isFull = await eventually {
            if pool.waitingCount < 2 { return false }
            do {
                try await pool.run {}
                return false
            } catch {
                return error as? BlockingPoolFull == BlockingPoolFull(limit: 2)
            }
        }
        #expect(isFull)
        gate.signal()
        try await first.value
        for task in waiting { try await task.value }
        #expect(begun.all.count == 3)
        await onThread { pool.shutDown() }
    }

    @Test func finishesWhatWaitsBeforeItEnds() async throws {
        let pool = BlockingPool(threads: 1)
        let (gate, journal) = (DispatchSemaphore(value: 0), Journal<Int>())
        let tasks = (0..<5).map { number in
            Task {
                try await pool.run {
                    gate.wait()
                    journal.add(number)
                }
            }
        }
        try #require(await eventually { pool.waitingCount == 4 })
        async let end: Void = onThread { pool.shutDown() }
        for _ in 0..<5 { gate.signal() }
        await end
        #expect(journal.all.sorted() == [0, 1, 2, 3, 4])
        for task in tasks { try await task.value }
        await #expect(throws: BlockingPoolFull.self) { try await pool.run {} }
    }
}
