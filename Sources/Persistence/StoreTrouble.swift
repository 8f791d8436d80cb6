import Locking

/// When the database last refused a change because it takes none at present: reading may go on as if nothing were wrong.
public final class StoreTrouble: Sendable {
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    /// Whether a change was refused within the last so many seconds.
    public func happened(within duration: Duration) -> Bool {
        last.withLock { $0.map { ContinuousClock.now - $0 < duration } ?? false }
    }

    func note() { last.withLock { $0 = .now } }
}
