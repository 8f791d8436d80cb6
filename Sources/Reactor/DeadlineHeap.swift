/// A binary heap of deadlines: the earliest first, equal ones in the order in which they came.
struct DeadlineHeap<Key> {
    private struct Entry {
        let deadline: UInt64
        let order: UInt64
        let key: Key

        func precedes(_ other: borrowing Entry) -> Bool {
            deadline == other.deadline ? order < other.order : deadline < other.deadline
        }
    }

    private var entries: [Entry] = []
    private var lastOrder: UInt64 = 0

    var count: Int { entries.count }
    var nextDeadline: UInt64? { entries.first?.deadline }

    /// O(log n).
    mutating func add(_ key: Key, at deadline: UInt64) {
        lastOrder &+= 1
        entries.append(Entry(deadline: deadline, order: lastOrder, key: key))
        siftUp(entries.count - 1)
    }

    /// Takes out the earliest key whose deadline has come. O(log n).
    mutating func nextDue(at now: UInt64) -> Key? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        siftDown()
        return first.key
    }

    /// Keeps the entries for which `isWanted` holds. O(n log n).
    mutating func filter(_ isWanted: (Key) -> Bool) {
        entries.removeAll { !isWanted($0.key) }
        entries.sort { $0.precedes($1) }
    }

    mutating func removeAll() { entries = [] }

    private mutating func siftDown() {
        var index = 0
        while true {
            var smallest = index
            for child in (2 * index + 1)...(2 * index + 2) where child < entries.count {
                if entries[child].precedes(entries[smallest]) { smallest = child }
            }
            guard smallest != index else { return }
            entries.swapAt(index, smallest)
            index = smallest
        }
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard entries[index].precedes(entries[parent]) else { return }
            entries.swapAt(index, parent)
            index = parent
        }
    }
}
