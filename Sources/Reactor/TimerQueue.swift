/// Names a timer of one loop.
public struct TimerID: Hashable, Sendable {
    let number: UInt64
}

/// Closures with deadlines; a cancelled timer stays in the heap as an empty entry until its deadline.
struct TimerQueue {
    private var heap = DeadlineHeap<UInt64>()
    private var bodies: [UInt64: () -> Void] = [:]
    private var lastNumber: UInt64 = 0

    var nextDeadline: UInt64? { heap.nextDeadline }
    var count: Int { heap.count }

    mutating func add(deadline: UInt64, _ body: @escaping () -> Void) -> TimerID {
        lastNumber += 1
        bodies[lastNumber] = body
        heap.add(lastNumber, at: deadline)
        return TimerID(number: lastNumber)
    }

    /// Takes a timer out and returns its body. The caller lets go of it outside of its access to the queue, because the
    /// body may own the last reference to something whose deinit cancels another timer.
    mutating func cancel(_ timer: TimerID) -> (() -> Void)? {
        let body = bodies.removeValue(forKey: timer.number)
        // Cancelled entries are swept once they are the majority, so that the heap stays proportional to what is live.
        if heap.count > 64, heap.count > bodies.count * 2 { heap.filter { bodies[$0] != nil } }
        return body
    }

    /// Takes the earliest body whose deadline has come.
    ///
    /// One at a time, because a body may cancel the next one.
    mutating func nextDue(at now: UInt64) -> (() -> Void)? {
        while let number = heap.nextDue(at: now) {
            if let body = bodies.removeValue(forKey: number) { return body }
        }
        return nil
    }

    /// Takes all timers out and returns their bodies, see ``cancel(_:)``.
    mutating func removeAll() -> [() -> Void] {
        defer { bodies = [:] }
        heap.removeAll()
        return Array(bodies.values)
    }
}
