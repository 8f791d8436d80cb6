import Domain
import Locking

/// What the throttle in front of sign-in allows.
///
/// After the free failures each further one doubles the wait, from 1 s up to the longest. The waits are short enough that
/// nobody is shut out for good, and long enough that guessing leads nowhere.
public struct ThrottleLimits: Sendable, Hashable {
    /// Failures of one account before anybody has to wait for it.
    public let freeAccountFailures: Int
    /// Failures from one address before it has to wait; many people may share it.
    public let freeAddressFailures: Int
    /// The longest wait, in seconds.
    public let longestDelay: Int64
    /// After so many seconds without a failure the count starts again.
    public let forgottenAfter: Int64
    /// How many accounts and addresses are counted.
    public let capacity: Int

    /// Creates limits; values below 1 (capacity: below 2) count as that.
    public init(
        freeAccountFailures: Int = 5,
        freeAddressFailures: Int = 30,
        longestDelay: Int64 = 60,
        forgottenAfter: Int64 = 15 * 60,
        capacity: Int = 16_384
    ) {
        self.freeAccountFailures = max(1, freeAccountFailures)
        self.freeAddressFailures = max(1, freeAddressFailures)
        self.longestDelay = min(max(1, longestDelay), 86_400)
        self.forgottenAfter = min(max(1, forgottenAfter), 86_400)
        self.capacity = max(2, capacity)
    }
}

/// Slows down the guessing of passwords, per account and per address.
///
/// An attempt counts as failed from the moment it is admitted, until it is known to have succeeded: a thousand parallel
/// guesses are no cheaper than a thousand in a row. Refused attempts do not count, so that a wait always ends.
///
/// Somebody who signed in from an address before is counted there apart from everybody else: strangers who guess at the
/// account, or from the same address, do not make them wait.
final class LoginThrottle: Sendable {
    /// An admitted attempt, to be given back when it did not fail.
    struct Admission: Sendable {
        fileprivate let pair: Key
        fileprivate let before: [(key: Key, counter: FailureCounter?)]
    }

    fileprivate enum Key: Hashable, Sendable {
        case account(tenant: String, email: String)
        case address(String)
        case known(tenant: String, email: String, address: String)
    }

    private struct State {
        var counters: GenerationalCache<Key, FailureCounter>
        var known: GenerationalCache<Key, Bool>
    }

    private let limits: ThrottleLimits
    private let state: Mutex<State>

    init(limits: ThrottleLimits) {
        self.limits = limits
        state = Mutex(
            State(counters: .init(capacity: limits.capacity), known: .init(capacity: limits.capacity))
        )
    }

    /// Lets an attempt through, and counts it as failed for now.
    /// - Throws: ``AuthError/tooManyAttempts(retryAfter:)``.
    func admit(tenant: String, email: String, address: String, now: Timestamp) throws(AuthError) -> Admission {
        let pair = Key.known(tenant: tenant, email: email, address: address)
        let result: Result<Admission, AuthError> = state.withLock { state in
            let keys: [Key] =
                state.known.value(for: pair) == nil
                ? [.account(tenant: tenant, email: email), .address(address)] : [pair]
            let before = keys.map { (key: $0, counter: state.counters.value(for: $0)) }
            let wait = before.compactMap { $0.counter?.wait(free: free(for: $0.key), limits, now: now) }.max() ?? 0
            guard wait == 0 else { return .failure(.tooManyAttempts(retryAfter: Int(wait))) }
            for (key, counter) in before {
                var counter = counter ?? FailureCounter()
                counter.fail(limits, now: now)
                state.counters.set(counter, for: key)
            }
            return .success(Admission(pair: pair, before: before))
        }
        return try result.get()
    }

    /// The attempt succeeded: the account starts afresh, the address is as it was before.
    func succeeded(_ admission: Admission) {
        state.withLock { state in
            for (key, counter) in admission.before {
                if case .address = key {
                    Self.restore(counter, for: key, in: &state)
                } else {
                    state.counters.remove(key)
                }
            }
            state.known.set(true, for: admission.pair)
        }
    }

    /// The attempt was not judged, for want of a database for instance: it does not count.
    func withdraw(_ admission: Admission) {
        state.withLock { state in
            for (key, counter) in admission.before { Self.restore(counter, for: key, in: &state) }
        }
    }

    /// Takes back one failure, and its time where no other failed meanwhile.
    private static func restore(_ before: FailureCounter?, for key: Key, in state: inout State) {
        guard var counter = state.counters.value(for: key) else { return }
        counter.takeBack(to: before)
        if counter.failures > 0 { state.counters.set(counter, for: key) } else { state.counters.remove(key) }
    }

    private func free(for key: Key) -> Int {
        if case .address = key { limits.freeAddressFailures } else { limits.freeAccountFailures }
    }
}

/// How often something failed lately.
struct FailureCounter: Sendable, Hashable {
    private(set) var failures = 0
    private var last = Timestamp(microseconds: 0)

    /// Whole seconds to wait before the next attempt, rounded up; 0 for none.
    func wait(free: Int, _ limits: ThrottleLimits, now: Timestamp) -> Int64 {
        guard failures >= free, !isForgotten(limits, now: now) else { return 0 }
        let doublings = min(failures - free, 20)
        let delay = min(Int64(1) << Int64(doublings), limits.longestDelay) * 1_000_000
        // A clock that was set back must not lengthen the wait.
        let elapsed = max(0, now.microseconds - last.microseconds)
        return max(0, (delay - elapsed + 999_999) / 1_000_000)
    }

    mutating func fail(_ limits: ThrottleLimits, now: Timestamp) {
        failures = isForgotten(limits, now: now) ? 1 : min(failures + 1, 1_000_000)
        last = now
    }

    mutating func takeBack(to before: FailureCounter?) {
        failures -= 1
        if let before, failures == before.failures { last = before.last }
    }

    private func isForgotten(_ limits: ThrottleLimits, now: Timestamp) -> Bool {
        now.microseconds - last.microseconds > limits.forgottenAfter * 1_000_000
    }
}
