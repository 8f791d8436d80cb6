import Testing

@testable import Gateway

struct AckWindowTests {
    private static let millisecond: UInt64 = 1_000_000

    private func event(_ seq: Int64) -> AckWindow.Mark { .init(seq: seq, part: nil) }

    /// Sends events of a KiB until the window closes; how many that were.
    private func fill(_ window: inout AckWindow, from seq: inout Int64, at now: UInt64) -> Int {
        let first = seq
        while window.isOpen {
            seq += 1
            window.send(event(seq), bytes: 1024, now: now)
        }
        return Int(seq - first)
    }

    @Test func acknowledgementsInTimeOpenItWide() {
        var (window, seq, now) = (AckWindow(), Int64(0), UInt64(0))
        var sizes: [Int] = []
        for _ in 0..<8 {
            sizes.append(fill(&window, from: &seq, at: now))
            now += 100 * Self.millisecond
            window.acknowledge(event(seq), now: now)
            #expect(window.inFlight == 0)
        }
        #expect(sizes == [8, 16, 32, 64, 128, 256, 512, 1024])
    }

    @Test func lateOnesNarrowItToWhatIsTakenInTime() {
        var (window, seq, now) = (AckWindow(), Int64(0), UInt64(0))
        // The first acknowledgement, to which the others are compared, comes after 50 ms.
        window.send(event(0), bytes: 10, now: now)
        now += 50 * Self.millisecond
        window.acknowledge(event(0), now: now)
        // 16 KiB a second: 8 KiB take half of one, of which 0.25 s are allowed.
        #expect(fill(&window, from: &seq, at: now) == 8)
        now += 500 * Self.millisecond
        window.acknowledge(event(seq), now: now)
        #expect(fill(&window, from: &seq, at: now) == 4)
        now += 4 * 1000 / 16 * Self.millisecond
        window.acknowledge(event(seq), now: now)
        #expect((4...8).contains(fill(&window, from: &seq, at: now)))
        // However slow a client is, something is always on its way.
        now += 600_000 * Self.millisecond
        window.acknowledge(event(seq), now: now)
        #expect(fill(&window, from: &seq, at: now) == 1)
    }

    @Test func aLongWayIsNoReasonToSendLess() {
        var (window, seq, now) = (AckWindow(), Int64(0), UInt64(0))
        for size in [8, 16, 32, 64] {
            #expect(fill(&window, from: &seq, at: now) == size)
            now += 700 * Self.millisecond
            window.acknowledge(event(seq), now: now)
        }
    }

    @Test func aPartAcknowledgesThoseBeforeItAndAnEventTheWholeSnapshot() {
        var window = AckWindow()
        for part in 0..<3 { window.send(.init(seq: 5, part: part), bytes: 10, now: 1) }
        window.send(event(6), bytes: 10, now: 1)
        window.acknowledge(.init(seq: 5, part: 1), now: 2)
        #expect(window.inFlight == 20)
        window.acknowledge(event(5), now: 2)
        #expect(window.inFlight == 10 && window.waitingSince == 1)
        window.acknowledge(event(.max), now: 2)
        #expect(window.inFlight == 0 && window.waitingSince == nil)
    }

    @Test func whatWasNeverSentAcknowledgesNothing() {
        var window = AckWindow()
        window.send(event(5), bytes: 10, now: 1)
        window.acknowledge(event(4), now: 2)
        window.acknowledge(.init(seq: 5, part: 0), now: 2)
        #expect(window.inFlight == 10)
        window.forget()
        #expect(window.inFlight == 0)
    }
}
