import Domain
import Gateway
import Locking
import Persistence
import Reactor

/// Finds out whether the database is there and takes changes, and says so to the gateway.
///
/// It is away while the listening connection is lost or silent, which that one finds out within three seconds. It takes no
/// changes when it has just refused one for want of room or because it is a replica.
final class DatabaseWatch: Sendable {
    private let gateway: Gateway
    private let trouble: StoreTrouble
    private let isHeard = Mutex(true)
    private let isEnded = Mutex(false)

    /// How long a refused change counts. Whoever tries again meanwhile renews it.
    private static let memory = Duration.seconds(5)
    private static let interval = Duration.milliseconds(500)

    init(gateway: Gateway, trouble: StoreTrouble) {
        self.gateway = gateway
        self.trouble = trouble
    }

    /// Takes what the listener says of its connection.
    func heard(_ notification: StoreNotification) {
        switch notification {
        case .cannotHear: isHeard.withLock { $0 = false }
        case .mayHaveMissed: isHeard.withLock { $0 = true }
        case .stream, .work, .sessionRevoked: return
        }
        report()
    }

    /// Looks regularly, until ``stop()``.
    func start(on worker: Worker) {
        worker.spawn {
            while !self.isEnded.withLock(\.self) {
                self.report()
                await worker.sleep(for: Self.interval)
            }
        }
    }

    /// Looks no more.
    func stop() { isEnded.withLock { $0 = true } }

    private func report() {
        let takesChanges = isHeard.withLock(\.self) && !trouble.happened(within: Self.memory)
        gateway.report(takesChanges ? .ok : .degraded)
    }
}
