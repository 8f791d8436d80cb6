import Foundation
import Testing

@testable import Reactor

@Suite struct ElasticExecutorTests {
    /// None of them ends before all have begun.
    @Test func bodiesThatBlockDoNotKeepOthersFromRunning() async {
        let executor = ElasticExecutor(least: 2, limit: 64)
        let (begun, gate) = (Journal<Int>(), DispatchSemaphore(value: 0))
        let tasks = (0..<40).map { number in
            Task(executorPreference: executor) {
                begun.add(number)
                gate.blockingWait()
            }
        }
        await begun.wait { $0.count == 40 }
        #expect(executor.threadCount >= 40)
        for _ in 0..<40 { gate.signal() }
        for task in tasks { await task.value }
    }

    @Test func startsNoMoreThreadsThanItMay() async {
        let executor = ElasticExecutor(least: 1, limit: 3)
        let (begun, gate) = (Journal<Int>(), DispatchSemaphore(value: 0))
        let tasks = (0..<5).map { number in
            Task(executorPreference: executor) {
                begun.add(number)
                gate.blockingWait()
            }
        }
        await begun.wait { $0.count == 3 }
        #expect(executor.waitingCount == 2)
        gate.signal()
        await begun.wait { $0.count == 4 }
        #expect(executor.threadCount == 3)
        for _ in 0..<4 { gate.signal() }
        for task in tasks { await task.value }
        #expect(begun.all.count == 5)
    }

    @Test func threadsWithoutWorkEndAndComeBack() async {
        let executor = ElasticExecutor(least: 2, limit: 4, patience: .milliseconds(20))
        for _ in 0..<3 {
            #expect(await Task(executorPreference: executor) { 7 }.value == 7)
            #expect(await eventually { executor.threadCount == 0 })
        }
    }
}

extension DispatchSemaphore {
    /// Blocks the thread, also where the compiler knows that one should not.
    fileprivate func blockingWait() { wait() }
}
