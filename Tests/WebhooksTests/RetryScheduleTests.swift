import PropertySupport
import Testing

@testable import Webhooks

struct RetryScheduleTests {
    private let schedule = RetrySchedule()

    @Test func theCeilingsAreThoseOfTheDocumentation() {
        let seconds = (1...15).map { schedule.ceiling(after: $0).components.seconds }
        #expect(
            seconds == [
                10, 30, 90, 270, 810, 2430, 7290, 21_870, 65_610, 86_400, 86_400, 86_400, 86_400, 86_400, 86_400,
            ]
        )
        // What is between the attempts, of which there is one more than waits.
        let total = seconds.dropLast().reduce(0, +)
        #expect((70...75).contains(total / 2 / 3600), "three days on average")
    }

    @Test func waitsAreAnywhereUpToTheCeiling() {
        var generator = SeededGenerator(seed: 7)
        for failures in 1..<schedule.attempts {
            let ceiling = schedule.ceiling(after: failures)
            let waits = (0..<500).compactMap { _ in
                schedule.wait(after: failures, asked: nil, using: &generator)
            }
            #expect(waits.count == 500)
            #expect(waits.allSatisfy { $0 >= .seconds(1) && $0 <= ceiling })
            #expect(waits.contains { $0 < ceiling / 4 } && waits.contains { $0 > ceiling * 3 / 4 })
        }
        #expect(schedule.wait(after: schedule.attempts, asked: .seconds(1), using: &generator) == nil)
    }

    @Test func whatTheReceiverAsksForIsHeardUpToADay() {
        var generator = SeededGenerator(seed: 7)
        #expect(schedule.wait(after: 1, asked: .seconds(3600), using: &generator) == .seconds(3600))
        #expect(schedule.wait(after: 1, asked: .seconds(1_000_000), using: &generator) == schedule.longest)
        let wait = schedule.wait(after: 9, asked: .zero, using: &generator)
        #expect(wait.map { $0 >= .seconds(1) } == true)
    }
}
