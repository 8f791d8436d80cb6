/// Names a timer of one loop.
public struct TimerID: Hashable, Sendable {
    let number: UInt64
}

/// A binary heap of deadlines; a cancelled timer stays in the heap as an empty entry until its deadline.
struct TimerQueue {
    private struct Entry {
        let deadline: UInt64
        let number: UInt64

        /// Earlier deadlines first; equal ones in the order of their creation.
        func precedes(_ other: Self) -> Bool {
            deadline == other.deadline ? number < other.number : deadline < other.deadline
        }
    }

    private var heap: [Entry] = []
    private var bodies: [UInt64: () -> Void] = [:]
    private var lastNumber: UInt64 = 0

    var nextDeadline: UInt64? { heap.first?.deadline }
    var count: Int { heap.count }

    mutating func add(deadline: UInt64, _ body: @escaping () -> Void) -> TimerID {
        lastNumber += 1
        bodies[lastNumber] = body
        heap.append(Entry(deadline: deadline, number: lastNumber))
        siftUp(heap.count - 1)
        return TimerID(number: lastNumber)
    }

    /// Takes a timer out and returns its body. The caller lets go of it outside of its access to the queue, because the
    /// body may own the last reference to something whose deinit cancels another timer.
    mutating func cancel(_ timer: TimerID) -> (() -> Void)? {
        let body = bodies.removeValue(forKey: timer.number)
        // Cancelled entries are swept once they are the majority, so that the heap stays proportional to what is live.
        if heap.count > 64, heap.count > bodies.count * 2 {
            heap.removeAll { bodies[$0.number] == nil }
            heap.sort { $0.precedes($1) }
        }
        return body
    }

    /// Takes the earliest body whose deadline has come.
    ///
    /// One at a time, because a body may cancel the next one.
    mutating func nextDue(at now: UInt64) -> (() -> Void)? {
        while let first = heap.first, first.deadline <= now {
            removeFirst()
            if let body = bodies.removeValue(forKey: first.number) { return body }
        }
        return nil
    }

    /// Takes all timers out and returns their bodies, see ``cancel(_:)``.
    mutating func removeAll() -> [() -> Void] {
        defer { bodies = [:] }
        heap = []
        return Array(bodies.values)
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var index = 0
        while true {
            var smallest = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
                if heap[child].precedes(heap[smallest]) { smallest = child }
            }
            guard smallest != index else { return }
            heap.swapAt(index, smallest)
            index = smallest
        }
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].precedes(heap[parent]) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }
}
