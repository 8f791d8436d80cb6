import DequeModule
import Domain
import Locking

/// The gates of all steps of a process.
final class StepGates: Sendable {
    private struct Name: Hashable {
        let type: String
        let step: String
    }

    private let gates = Mutex<[Name: StepGate]>([:])

    /// The gate of a step, which all flows of its type share.
    func gate(of node: FlowNode, in flow: Flow) -> StepGate {
        guard node.policy.concurrency != nil || node.policy.breaker != nil else { return .open }
        let name = Name(type: flow.type, step: node.name)
        return gates.withLock { gates in
            if let gate = gates[name] { return gate }
            let gate = StepGate(concurrency: node.policy.concurrency, breaker: node.policy.breaker)
            gates[name] = gate
            return gate
        }
    }
}

/// How many attempts of a step run at once, and whether it is left alone for a while: a circuit breaker (Nygard, *Release
/// It!*).
final class StepGate: Sendable {
    private struct State {
        var running = 0
        var waiting: Deque<(id: UInt64, continuation: CheckedContinuation<Void, any Error>)> = []
        var lastID: UInt64 = 0
        /// Failures in a row.
        var failures = 0
        /// Until when it is left alone; after that one attempt tells whether it works again.
        var closedUntil: Timestamp?
        var isProbed = false
    }

    /// Lets everybody through.
    static let open = StepGate(concurrency: nil, breaker: nil)

    private let concurrency: Int
    private let breaker: BreakerPolicy?
    private let state = Mutex(State())

    init(concurrency: Int?, breaker: BreakerPolicy?) {
        self.concurrency = concurrency.map { max(1, $0) } ?? .max
        self.breaker = breaker
    }

    /// Waits for a place.
    /// - Returns: nil once the attempt may begin, and has to ``leave(_:at:)``; else when it may ask again.
    func enter(at now: Timestamp) async throws -> Timestamp? {
        if let breaker, let pause = state.withLock({ Self.pause(&$0, breaker, now) }) { return pause }
        let id = state.withLock { state -> UInt64? in
            if state.running < concurrency {
                state.running += 1
                return nil
            }
            state.lastID += 1
            return state.lastID
        }
        guard let id else { return nil }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isFree = state.withLock { state in
                    if state.running < concurrency {
                        state.running += 1
                        return true
                    }
                    state.waiting.append((id, continuation))
                    return false
                }
                if isFree { return continuation.resume() }
                if Task.isCancelled { abandon(id) }
            }
        } onCancel: {
            abandon(id)
        }
        return nil
    }

    /// The attempt is over.
    /// - Parameter isWorking: whether what the step uses works; nil when the attempt says nothing about that.
    func leave(_ isWorking: Bool?, at now: Timestamp) {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            if let breaker { Self.note(isWorking, &state, breaker, now) }
            if let next = state.waiting.popFirst() { return next.continuation }
            state.running -= 1
            return nil
        }
        next?.resume()
    }

    private static func pause(_ state: inout State, _ breaker: BreakerPolicy, _ now: Timestamp) -> Timestamp? {
        guard let closed = state.closedUntil else { return nil }
        if now < closed { return closed }
        if state.isProbed { return Timestamp(microseconds: now.microseconds + Int64(breaker.pause.inMicroseconds)) }
        state.isProbed = true
        return nil
    }

    private static func note(_ isWorking: Bool?, _ state: inout State, _ breaker: BreakerPolicy, _ now: Timestamp) {
        defer { state.isProbed = false }
        switch isWorking {
        case nil: return
        case true?:
            state.failures = 0
            state.closedUntil = nil
        case false?:
            state.failures += 1
            guard state.failures >= breaker.failures else { return }
            state.closedUntil = Timestamp(microseconds: now.microseconds + Int64(breaker.pause.inMicroseconds))
        }
    }

    private func abandon(_ id: UInt64) {
        let waiting = state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0).continuation }
        }
        waiting?.resume(throwing: CancellationError())
    }
}
