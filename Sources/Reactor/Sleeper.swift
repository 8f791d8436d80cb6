import Locking

/// A continuation that is resumed once, by its timer or by the cancellation of its task, whichever comes first.
final class Sleeper: Sendable {
    private enum State {
        case idle
        case sleeping(CheckedContinuation<Void, Never>)
        case awake
    }

    private let state = Mutex(State.idle)

    /// Stores the continuation; resumes it at once and returns false when ``wake()`` came first.
    func begin(_ continuation: CheckedContinuation<Void, Never>) -> Bool {
        let mayStart = state.withLock { state in
            guard case .idle = state else { return false }
            state = .sleeping(continuation)
            return true
        }
        if !mayStart { continuation.resume() }
        return mayStart
    }

    /// Ends the sleep; further calls do nothing.
    func wake() {
        let continuation: CheckedContinuation<Void, Never>? = state.withLock { state in
            defer { state = .awake }
            guard case .sleeping(let continuation) = state else { return nil }
            return continuation
        }
        continuation?.resume()
    }
}

/// The timer's hold on a sleeper. Wakes it also when the timer goes away unfired, as it does when the loop ends.
final class Alarm {
    private let sleeper: Sleeper

    init(_ sleeper: Sleeper) { self.sleeper = sleeper }

    deinit { sleeper.wake() }

    func ring() { sleeper.wake() }
}
