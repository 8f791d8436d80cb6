import Approvals
import Dispatch
import Domain
import FlowSupport
import Flows
import JSON
import Locking
import TestSupport
import Testing

/// What becomes of steps that fail, hang or do what they must not.
@Suite(.enabled(if: PostgresCluster.isAvailable), .timeLimit(.minutes(2))) struct FailureTests {
    private static let soon = RetryPolicy(attempts: 3, first: .milliseconds(1), longest: .milliseconds(5))

    @Test func aStepIsTriedAsOftenAsItMayAndThenTheFlowHasFailed() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of { flow in
            flow.start("try", policy: StepPolicy(retry: Self.soon)) { _ -> Bool in
                witness.saw("try")
                throw Broken("the other side is away")
            }
        }
        let done = try await bench.run()
        #expect(done.status == .failed)
        #expect(witness.count("try") == 3)
        let step = try #require(try await bench.steps(done.id).first)
        #expect(step.status == .failed && step.failures == 3 && step.error == "the other side is away")
        let told = try await bench.events(done.id).map(\.event).filter { $0["name"] == "signalbox.step.failed" }
        #expect(told.map { $0["value"]?["retry_at"] != nil } == [true, true, false])
        #expect(try await bench.events(done.id).last?.event["message"] == "the other side is away")
        await bench.stop()
    }

    @Test func whatAnotherAttemptWouldMeetAgainIsNotTriedAgain() async throws {
        struct Refused: LastingError, CustomStringConvertible { let description = "never" }
        let witness = Witness()
        let bench = try await FlowBench.of { flow in
            flow.start("try", policy: StepPolicy(retry: Self.soon)) { _ -> Bool in
                witness.saw("try")
                throw Refused()
            }
        }
        let done = try await bench.run()
        #expect(done.status == .failed && witness.count("try") == 1)
        await bench.stop()
    }

    /// Swift's own pool has a thread for each processor only.
    @Test func bodiesThatBlockTheirThreadsKeepNobodyFromRunning() async throws {
        let (gate, witness, count) = (DispatchSemaphore(value: 0), Witness(), 64)
        var registry = FlowRegistry()
        try registry.register(
            FlowDefinition<Tally>("blocked", initial: { _ in Tally() }) { flow in
                flow.start("block") { _ in
                    witness.saw("begun")
                    gate.blockingWait()
                    return true
                }
            }
        )
        try registry.register(
            FlowDefinition<Tally>("free", initial: { _ in Tally() }) { flow in
                let first = flow.start("first") { _ in 1 }
                flow.listen("second", to: first) { _, number in number + 1 }
            }
        )
        let bench = try await FlowBench.of(registry)
        var blocked: [FlowID] = []
        for _ in 0..<count { blocked.append(try await bench.start("blocked").id) }
        let free = try await bench.start("free")
        _ = try await bench.wait(for: .succeeded, of: free.id)
        while witness.count("begun") < count { await bench.rest(milliseconds: 5) }
        for _ in 0..<count { gate.signal() }
        for flow in blocked { _ = try await bench.wait(for: .succeeded, of: flow) }
        await bench.stop()
    }

    @Test func aWaitingRetryIsTakenUpByAnotherProcess() async throws {
        let witness = Witness()
        let registry = try registry { flow in
            let slow = RetryPolicy(attempts: 2, first: .seconds(3), longest: .seconds(3))
            flow.start("try", policy: StepPolicy(retry: slow)) { context in
                witness.saw("try")
                if context.attempt == 1 { throw Broken() }
                return true
            }
        }
        let bench = try await FlowBench.of(registry)
        let flow = try await bench.start("test")
        _ = try await bench.step("try", is: .retrying, in: flow.id)
        await bench.stop()
        let second = try await bench.another(registry)
        let done = try await second.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.status == .succeeded && witness.count("try") == 2)
        try await second.expectWholeLog(flow.id)
        await second.stop()
    }

    /// The body does not even heed its cancellation.
    @Test func aStepThatHangsIsLeftBehindAndOthersGoOn() async throws {
        let release = Gate()
        let bench = try await FlowBench.of(onFailure: .collect) { flow in
            flow.start("hang", policy: StepPolicy(timeout: .milliseconds(200))) { context in
                await release.pass()
                context.stage { $0.log.append("too late") }
                return true
            }
            let other = flow.start("other") { _ in 1 }
            flow.listen("after", to: other) { context, _ in
                context.stage { $0.log.append("after") }
                return true
            }
        }
        let done = try await bench.run()
        #expect(done.status == .failed)
        #expect(done.state["log"] == ["after"])
        let steps = try await bench.steps(done.id)
        let hung = try #require(steps.first { $0.name == "hang" })
        #expect(hung.error == "step hang took longer than 0.2 seconds")
        release.open()
        try await bench.expectWholeLog(done.id)
        #expect(try await bench.flow(done.id).state["log"] == ["after"])
        await bench.stop()
    }

    @Test(arguments: [FailurePolicy.failFast, .collect, .ignore])
    func onePolicyForEachFlowSaysWhatAFailureMeans(policy: FailurePolicy) async throws {
        let broken = Gate()
        let bench = try await FlowBench.of(onFailure: policy) { flow in
            flow.start("break") { _ -> Bool in
                defer { broken.open() }
                throw Broken()
            }
            let slow = flow.start("slow") { context in
                await broken.pass()
                // Its failure is in the journal before this one's result can be.
                while true {
                    let steps = try await context.transaction(.snapshot) { try await $0.flows.steps(of: context.flow) }
                    if steps.contains(where: { $0.status == .failed }) { return true }
                }
            }
            flow.listen("after", to: slow) { context, _ in
                context.stage { $0.log = ["after"] }
                return true
            }
        }
        let done = try await bench.run()
        #expect(done.status == (policy == .ignore ? .succeeded : .failed))
        #expect(done.state["log"] == (policy == .failFast ? [] : ["after"]))
        try await bench.expectWholeLog(done.id)
        await bench.stop()
    }

    @Test func afterFailuresInARowAStepIsLeftAloneForAWhile() async throws {
        let witness = Witness()
        let isBroken = Mutex(true)
        let bench = try await FlowBench.of { flow in
            let policy = StepPolicy(
                retry: RetryPolicy(attempts: 2, first: .milliseconds(1)),
                breaker: BreakerPolicy(failures: 2, pause: .seconds(2))
            )
            flow.start("call", policy: policy) { _ in
                witness.saw("call")
                if isBroken.withLock(\.self) { throw Broken() }
                return true
            }
        }
        _ = try await bench.run()
        #expect(witness.count("call") == 2)
        // Another flow finds it closed, waits without an attempt, and goes on once it works again.
        isBroken.withLock { $0 = false }
        let flow = try await bench.start("test")
        let waiting = try await bench.step("call", is: .retrying, in: flow.id)
        #expect(waiting.failures == 0 && witness.count("call") == 2)
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.status == .succeeded && witness.count("call") == 3)
        #expect(try await bench.steps(flow.id).map(\.attempt) == [1])
        try await bench.expectWholeLog(flow.id)
        await bench.stop()
    }

    @Test func noMoreOfAStepRunAtOnceThanItAllows() async throws {
        let running = Mutex((now: 0, most: 0))
        let bench = try await FlowBench.of { flow in
            flow.start("work", policy: StepPolicy(concurrency: 2)) { _ in
                running.withLock {
                    $0.now += 1
                    $0.most = max($0.most, $0.now)
                }
                for _ in 0..<200 { await Task.yield() }
                running.withLock { $0.now -= 1 }
                return true
            }
        }
        var flows: [Flow] = []
        for _ in 0..<12 { flows.append(try await bench.start("test")) }
        for flow in flows { _ = try await bench.wait(for: .succeeded, of: flow.id) }
        #expect(running.withLock(\.most) <= 2)
        await bench.stop()
    }

    @Test func aHundredMegabytesAreRefusedAndTheOthersGoOn() async throws {
        let bench = try await FlowBench.of(onFailure: .collect) { flow in
            flow.start("much") { _ in String(repeating: "x", count: 100 << 20) }
            let other = flow.start("other") { _ in 1 }
            flow.listen("after", to: other) { _, _ in true }
        }
        let done = try await bench.run()
        let steps = try await bench.steps(done.id)
        #expect(steps.first { $0.name == "much" }?.error?.contains("and may leave 8388608") == true)
        #expect(steps.first { $0.name == "after" }?.status == .done)
        await bench.stop()
    }

    @Test func aStateThatIsNotItsTypesIsToldAndChangesNothing() async throws {
        struct Other: Codable, Sendable {
            var log: [String]
            var refuses: Int { 0 }
        }
        let bench = try await FlowBench.of { flow in
            let ask = flow.ask("ask", after: flow.start("start") { _ in 1 }) { _, _ in question("?") }
            flow.listen("use", to: ask) { context, _ in
                context.stage { $0.log.append("x") }
                return true
            }
        }
        let flow = try await bench.start("test")
        let prompt = try await bench.prompt("ask", of: flow.id)
        await #expect(throws: FlowError.self) {
            try await bench.within {
                try await bench.commands.change(
                    flow.id,
                    .merge(["log": 5]),
                    ifSeq: nil,
                    by: bench.principal("olga", [.operator])
                )
            }
        }
        try await bench.decide(prompt, .approve)
        #expect(try await bench.wait(for: .succeeded, .failed, of: flow.id).state["log"] == ["x"])
        await bench.stop()
    }

    @Test func aStepThatCatchesItsOwnWaitIsToldSo() async throws {
        let bench = try await FlowBench.of { flow in
            flow.start("stubborn") { context in
                _ = try? await context.ask("it", question("?"))
                return true
            }
        }
        let done = try await bench.run()
        #expect(done.status == .failed)
        #expect(try await bench.steps(done.id).first?.error?.contains("it must not catch the error") == true)
        // The question is retracted with its flow.
        #expect(try await bench.openPrompts(done.id).isEmpty)
        try await bench.expectWholeLog(done.id)
        await bench.stop()
    }

    @Test func aBodyThatGoesAnotherWayThanItsJournalIsToldSo() async throws {
        let isChanged = Mutex(false)
        let bench = try await FlowBench.of { flow in
            flow.start("fickle") { context in
                if isChanged.withLock(\.self) {
                    try await context.sleep(for: .zero, "first")
                } else {
                    try await context.run("first") { _ in }
                }
                _ = try await context.ask("it", question("?"))
                return true
            }
        }
        let flow = try await bench.start("test")
        let prompt = try await bench.prompt("fickle/it", of: flow.id)
        isChanged.withLock { $0 = true }
        try await bench.decide(prompt, .approve)
        _ = try await bench.wait(for: .failed, of: flow.id)
        let error = try await bench.steps(flow.id).first?.error
        #expect(error?.contains("first was of kind run and is of kind sleep") == true)
        await bench.stop()
    }
}

extension DispatchSemaphore {
    /// Blocks the thread, also where the compiler knows that one should not.
    fileprivate func blockingWait() { wait() }
}
