import Foundation
import Testing

@testable import Reactor

@Suite struct WorkerTests {
    @Test func messagesKeepTheOrderOfEachSender() async throws {
        try await withWorkers { workers in
            let worker = workers.local
            let journal = Journal<[Int]>()
            for sender in 0..<4 {
                Thread.detachNewThread {
                    for number in 0..<1000 { worker.post { _ in journal.add([sender, number]) } }
                }
            }
            let entries = await journal.wait { $0.count == 4000 }
            for sender in 0..<4 {
                #expect(entries.filter { $0[0] == sender }.map { $0[1] } == Array(0..<1000))
            }
        }
    }

    @Test func everyPostWakesASleepingLoop() async throws {
        try await withWorkers { workers in
            let journal = Journal<Int>()
            for number in 0..<300 {
                workers.local.post { _ in journal.add(number) }
                // The next is posted when the loop has nothing left to do, so it must be woken again.
                try #require(await journal.wait { $0.count == number + 1 }.count == number + 1)
            }
        }
    }

    @Test func aMessageFromTheLoopItselfRunsWithoutAnEvent() async throws {
        try await withWorkers { workers in
            let journal = Journal<Int>()
            workers.local.post { worker in
                worker.post { worker in worker.post { _ in journal.add(2) } }
                journal.add(1)
            }
            #expect(await journal.wait { $0.count == 2 } == [1, 2])
        }
    }

    @Test func aSpawnedTaskStaysOnItsLoop() async throws {
        @Sendable nonisolated func elsewhere() async -> Worker? { Worker.current }
        try await withWorkers(2) { workers in
            let (home, other) = (workers.workers[0], workers.workers[1])
            let journal = Journal<Int?>()
            let pool = BlockingPool(threads: 1)
            home.spawn {
                @Sendable func note() { journal.add(Worker.current?.index) }
                note()
                await home.run { _ in note() }
                await other.run { _ in }
                note()
                await Task.yield()
                note()
                await home.sleep(for: .milliseconds(1))
                note()
                try? await pool.run {}
                note()
                journal.add(await elsewhere()?.index)
                await withTaskGroup(of: Void.self) { group in group.addTask { note() } }
                note()
            }
            #expect(await journal.wait { $0.count == 9 } == Array(repeating: 0, count: 9))
            #expect(Worker.current == nil)
            await onThread { pool.shutDown() }
        }
    }

    /// The observation that `spawn` rests on. When a toolchain changes it, the rule "tasks only through spawn" can be
    /// looked at again.
    @Test func aPlainTaskStaysOnTheLoopOnlyWhenItUsesTheWorker() async throws {
        try await withWorkers { workers in
            let (plain, using) = await workers.local.plainTasks()
            #expect(await plain.value == nil)
            #expect(await using.value == 0)
        }
    }

    @Test func sleepLastsAndCancellationEndsIt() async throws {
        try await withWorkers { workers in
            let worker = workers.local
            let start = ContinuousClock.now
            await worker.sleep(for: .milliseconds(20))
            #expect(ContinuousClock.now - start >= .milliseconds(20))

            let sleepers = (0..<500).map { _ in worker.spawn { await worker.sleep(for: .seconds(3600)) } }
            #expect(await eventually { await worker.run { $0.loop.timerCount } >= 500 })
            for sleeper in sleepers { sleeper.cancel() }
            for sleeper in sleepers { await sleeper.value }
            #expect(await worker.run { $0.loop.timerCount } <= 65)

            let late = worker.spawn {
                withUnsafeCurrentTask { $0?.cancel() }
                await worker.sleep(for: .seconds(3600))
            }
            await late.value
        }
    }

    @Test func theEndOfTheLoopWakesItsSleepers() async throws {
        let journal = Journal<String>()
        let workers = try WorkerGroup(count: 1)
        let worker = workers.local
        worker.spawn {
            journal.add("asleep")
            await worker.sleep(for: .seconds(3600))
            await worker.sleep(for: .seconds(3600))
            journal.add("awake")
        }
        await journal.wait { !$0.isEmpty }
        await shutDown(workers)
        #expect(journal.all == ["asleep", "awake"])
    }

    @Test func aHandlerThatAlwaysHasOutputDoesNotStopTheLoop() async throws {
        final class Restless: ChannelHandler {
            let loop: EventLoop
            init(_ loop: EventLoop) { self.loop = loop }
            func channelReady(_ readiness: Readiness) {}
            func channelTornDown() {}
            func flush() { loop.flushLater(self) }
        }
        try await withWorkers { workers in
            let worker = workers.local
            let journal = Journal<Int>()
            await worker.run { $0.loop.flushLater(Restless($0.loop)) }
            worker.post { worker in worker.loop.schedule(after: .milliseconds(1)) { journal.add(1) } }
            #expect(await journal.wait { !$0.isEmpty } == [1])
        }
    }

    /// Nothing but the output that is left wakes the loop.
    @Test func outputThatIsLeftIsSentWithoutAnEvent() async throws {
        final class Persistent: ChannelHandler {
            let loop: EventLoop
            let journal: Journal<Int>
            init(_ loop: EventLoop, _ journal: Journal<Int>) { (self.loop, self.journal) = (loop, journal) }
            func channelReady(_ readiness: Readiness) {}
            func channelTornDown() {}
            func flush() {
                journal.add(1)
                if journal.all.count < 100 { loop.flushLater(self) }
            }
        }
        try await withWorkers { workers in
            let journal = Journal<Int>()
            workers.local.post { $0.loop.flushLater(Persistent($0.loop, journal)) }
            #expect(await journal.wait { $0.count == 100 }.count == 100)
        }
    }

    @Test func whoAlwaysGoesOnLaterStopsNeitherTheLoopNorTheOthers() async throws {
        final class Endless: Resumable {
            let loop: EventLoop
            var visits = 0
            init(_ loop: EventLoop) { self.loop = loop }
            func resume() {
                visits += 1
                while !loop.isShareSpent {}
                loop.resumeLater(self)
            }
        }
        try await withWorkers { workers in
            let worker = workers.local
            let journal = Journal<[Int]>()
            worker.post { worker in
                let loop = worker.loop
                let all = (0..<20).map { _ in Endless(loop) }
                for endless in all { loop.resumeLater(endless) }
                loop.schedule(after: .milliseconds(50)) { journal.add(all.map(\.visits)) }
            }
            let visits = try #require(await journal.wait { !$0.isEmpty }.first)
            // In turn: nobody is ahead of another by more than the present round.
            #expect((visits.max() ?? 0) - (visits.min() ?? 0) <= 1)
            #expect(visits.contains { $0 > 0 })
        }
    }

    @Test func aShareIsSpentWithTimeAndNewInTheNextTurn() async throws {
        final class Patient: Resumable {
            let loop: EventLoop
            let journal: Journal<Bool>
            init(_ loop: EventLoop, _ journal: Journal<Bool>) { (self.loop, self.journal) = (loop, journal) }
            func resume() {
                // On a busy machine time may have passed before the first look.
                guard !loop.isShareSpent else { return loop.resumeLater(self) }
                journal.add(true)
                while !loop.isShareSpent {}
                if journal.all.count < 3 { loop.resumeLater(self) }
            }
        }
        try await withWorkers { workers in
            let journal = Journal<Bool>()
            workers.local.post { $0.loop.resumeLater(Patient($0.loop, journal)) }
            #expect(await journal.wait { $0.count == 3 }.count == 3)
        }
    }

    @Test func hashesChooseWorkersOfTheGroup() async throws {
        try await withWorkers(3) { workers in
            #expect(workers.count == 3)
            #expect(workers.worker(forHash: UInt64.max).index == Int(UInt64.max % 3))
            #expect(workers.local.index == 0)
            let local = await workers.workers[2].run { _ in workers.local.index }
            #expect(local == 2)
        }
    }

    @Test func aGroupThatWasShutDownLeavesNoThreadAndNoDescriptor() async {
        await #expect(processExitsWith: .success) {
            let before = ProcessState.descriptorCount
            for _ in 0..<10 {
                let workers = try WorkerGroup(count: 4)
                let journal = Journal<StreamEvent>()
                let pair = try TCPPair()
                _ = try await workers.local.stream(pair.descriptor, journal)
                #expect(await eventually { ProcessState.workerThreadCount == 4 })
                await shutDown(workers)
                #expect(journal.all.isClosed)
            }
            #expect(ProcessState.workerThreadCount == 0)
            // Nine for each group would be left; the runtime may have opened a few of its own meanwhile, for its clock.
            #expect(await eventually { ProcessState.descriptorCount < before + 9 })
        }
    }
}

extension Worker {
    fileprivate func plainTasks() -> (plain: Task<Int?, Never>, using: Task<Int?, Never>) {
        let plain = Task { Worker.current?.index }
        let using = Task {
            _ = loop.now
            return Worker.current?.index
        }
        return (plain, using)
    }
}
