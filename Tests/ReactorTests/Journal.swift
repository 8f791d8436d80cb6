import Foundation

/// What happened, in order, written by any thread.
///
/// `@unchecked Sendable` because every access to the entries is between lock and unlock.
final class Journal<Entry: Sendable>: @unchecked Sendable {
    private let changed = NSCondition()
    private var entries: [Entry] = []

    var all: [Entry] { changed.withLock { entries } }

    func add(_ entry: Entry) {
        changed.withLock { entries.append(entry) }
        changed.broadcast()
    }

    /// Waits until `condition` holds of the entries, at most ten seconds, and returns them.
    ///
    /// It looks again with each entry, and needs neither the runtime's clock nor a descriptor.
    @discardableResult
    func wait(until condition: ([Entry]) -> Bool) async -> [Entry] {
        let deadline = Date(timeIntervalSinceNow: 10)
        var seen = all
        while !condition(seen) {
            let count = seen.count
            let hasMore = await onThread { self.holdsMore(than: count, before: deadline) }
            seen = all
            guard hasMore else { break }
        }
        return seen
    }

    private func holdsMore(than count: Int, before deadline: Date) -> Bool {
        changed.withLock {
            while entries.count <= count {
                guard changed.wait(until: deadline) else { return entries.count > count }
            }
            return true
        }
    }
}

/// Whether `condition`, of which nobody tells, comes to hold within ten seconds.
func eventually(_ condition: () async -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < end {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return await condition()
}
