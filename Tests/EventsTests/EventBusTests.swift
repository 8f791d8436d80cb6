import Domain
import JSON
import Locking
import Reactor
import TestSupport
import Testing

@testable import Events

struct EventBusTests {
    private let bus = EventBus { TestDatabase.workers.workers[0].spawn($0) }
    private let tenant = TenantID.generate()
    private let flow = FlowID.generate()

    /// What a subscriber was given, in order.
    private final class Journal: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock(\.self) }

        func add(_ line: String) { lines.withLock { $0.append(line) } }

        func wait(for count: Int) async -> [String] {
            let deadline = ContinuousClock.now + .seconds(30)
            while all.count < count, ContinuousClock.now < deadline {
                await TestDatabase.workers.workers[0].sleep(for: .milliseconds(1))
            }
            return all
        }
    }

    private func step(_ name: String, _ seq: Int64, of flow: FlowID? = nil) -> Committed {
        let event: JSON = ["type": "STEP_STARTED", "stepName": JSON(name)]
        return Committed(
            tenant: tenant,
            flow: flow ?? self.flow,
            epoch: "e",
            events: [FlowEvent(seq: seq, event: event, patch: nil, digest: nil)]
        )
    }

    @Test func subscribersHearTheirTypeInOrderForItsTenant() async throws {
        let journal = Journal()
        bus.subscribe(StepStarted.self, missed: { _ in journal.add("missed") }) { event, origin in
            let isOwn = (try? TenantContext.current) == origin.tenant
            journal.add("\(event.step) \(origin.position.seq) \(isOwn)")
        }
        bus.subscribe(StepFinished.self, missed: { _ in }) { _, _ in journal.add("another type") }
        for seq in 1...200 { bus.publish(step("s", Int64(seq))) }
        #expect(await journal.wait(for: 200) == (1...200).map { "s \($0) true" })
        #expect(bus.told.first { $0.kind == "step.started" }?.count == 200)
        #expect(bus.missed == 0)
    }

    @Test func aNewFlowIsToldWithItsType() async throws {
        let journal = Journal()
        bus.subscribe(FlowInitialized.self, missed: { _ in }) { event, _ in journal.add("\(event.type) \(event.title)")
        }
        let line: JSON = ["type": "discovery", "title": "Import"]
        bus.publish(
            Committed(
                tenant: tenant,
                flow: flow,
                epoch: "e",
                events: [
                    FlowEvent(seq: 1, event: ["type": "STATE_SNAPSHOT", "snapshot": [:]], patch: nil, digest: nil)
                ],
                flows: [ViewChange(seq: 1, item: flow.text, before: nil, after: line)]
            )
        )
        #expect(await journal.wait(for: 1) == ["discovery Import"])
    }

    /// The first event is being taken, `limit` more wait, and the others are missed; what comes when there is room again
    /// comes behind the word of that.
    @Test func aSlowSubscriberIsToldWhatItMissed() async throws {
        let (journal, gate, other) = (Journal(), Gate(), FlowID.generate())
        bus.subscribe(
            StepStarted.self,
            limit: 2,
            missed: { missed in
                let stretches = missed.stretches.map { "\($0.positions)" }.joined(separator: " ")
                journal.add("missed \(missed.count): \(stretches) \(missed.isCut)")
            },
            { _, origin in
                await gate.pass()
                journal.add("\(origin.position.seq)")
            }
        )
        bus.publish(step("s", 1))
        await gate.somebodyCame()
        for seq in 2...6 { bus.publish(step("s", Int64(seq))) }
        bus.publish(step("s", 1, of: other))
        #expect(bus.missed == 4)
        gate.open()
        _ = await journal.wait(for: 4)
        bus.publish(step("s", 7))
        #expect(await journal.wait(for: 5) == ["1", "2", "3", "missed 4: 4...6 1...1 false", "7"])
    }

    @Test func whatIsMissedHasABoundToo() {
        func origin(_ seq: Int64, _ flow: FlowID) -> EventOrigin { EventOrigin(step("s", seq, of: flow).records[0]) }
        var missed = MissedEvents(origin(1, flow))
        for _ in 0..<MissedEvents.maximumStretches { missed.add(origin(1, .generate())) }
        missed.add(origin(9, flow))
        #expect(missed.count == MissedEvents.maximumStretches + 2)
        #expect(missed.stretches.count == MissedEvents.maximumStretches && missed.isCut)
        #expect(missed.stretches[0].positions == 1...9)
    }

    @Test func whoHasLeftHearsNothing() async throws {
        let (left, stayed) = (Journal(), Journal())
        let subscription = bus.subscribe(StepStarted.self, missed: { _ in }) { event, _ in left.add(event.step) }
        bus.subscribe(StepStarted.self, missed: { _ in }) { event, _ in stayed.add(event.step) }
        bus.publish(step("a", 1))
        #expect(await left.wait(for: 1) == ["a"])
        subscription.cancel()
        bus.publish(step("b", 2))
        #expect(await stayed.wait(for: 2) == ["a", "b"])
        #expect(left.all == ["a"])
    }
}
