import Locking

/// Bytes that one loop has told the others of, for one topic, and that they have not taken up yet.
///
/// A loop that is busy takes up nothing, and what it is told would wait without bound. So publishers are not read from
/// while too much is on its way.
final class TopicFlight: Sendable {
    private let bytes = Atomic(0)
    private let isAwaited = Atomic(false)

    /// Bytes that may be on their way before publishers wait. Those of one read may come on top.
    static let budget = 4 << 20

    var count: Int { bytes.load(ordering: .sequentiallyConsistent) }

    /// Bytes are on their way.
    func sent(_ count: Int) { bytes.add(count, ordering: .sequentiallyConsistent) }

    /// Bytes have been taken up. Whether somebody waits for that, and has now waited long enough.
    func received(_ count: Int) -> Bool {
        let left = bytes.subtract(count, ordering: .sequentiallyConsistent).newValue
        return left <= Self.budget / 2 && isAwaited.exchange(false, ordering: .sequentiallyConsistent)
    }

    /// Has ``received(_:)`` tell, unless it is too late for that: then there is nothing to wait for.
    func beginWaiting() -> Bool {
        isAwaited.store(true, ordering: .sequentiallyConsistent)
        guard count <= Self.budget / 2 else { return true }
        isAwaited.store(false, ordering: .sequentiallyConsistent)
        return false
    }
}
