import Locking

/// What happened, in order, written by any thread.
final class Journal<Entry: Sendable>: Sendable {
    private let entries = Mutex<[Entry]>([])

    var all: [Entry] { entries.withLock { $0 } }

    func add(_ entry: Entry) { entries.withLock { $0.append(entry) } }

    /// Waits until `condition` holds of the entries, at most ten seconds, and returns them.
    @discardableResult
    func wait(until condition: ([Entry]) -> Bool) async -> [Entry] {
        _ = await eventually { condition(all) }
        return all
    }
}

/// Whether `condition` comes to hold within ten seconds.
func eventually(_ condition: () async -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < end {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return await condition()
}
