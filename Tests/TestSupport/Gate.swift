import Locking

/// Holds up whoever comes until it is opened, and tells when somebody has come.
public final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
        var hasSomebodyCome = false
    }

    private let state = Mutex(State())

    /// Creates a closed one.
    public init() {}

    /// Waits until it is open.
    public func pass() async {
        await withCheckedContinuation { continuation in
            let (ready, watchers) = state.withLock { state in
                state.hasSomebodyCome = true
                defer { state.watchers = [] }
                if !state.isOpen { state.waiting.append(continuation) }
                return (state.isOpen, state.watchers)
            }
            for watcher in watchers { watcher.resume() }
            if ready { continuation.resume() }
        }
    }

    /// Waits until somebody has come.
    public func somebodyCame() async {
        await withCheckedContinuation { continuation in
            let hasCome = state.withLock { state in
                if !state.hasSomebodyCome { state.watchers.append(continuation) }
                return state.hasSomebodyCome
            }
            if hasCome { continuation.resume() }
        }
    }

    /// Lets everybody go on, also those who come later.
    public func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
