import Domain
import Gateway
import Locking
import Persistence
import Reactor

/// Finds out of each database whether it is there and takes changes, and says so to the gateway.
///
/// It is away while the listening connection is lost or silent, which that one finds out within three seconds. It takes no
/// changes when it has just refused one for want of room or because it is a replica. Of a tenant that is being moved it
/// takes none for as long as its tables say so.
final class DatabaseWatch: Sendable {
    private struct Standing {
        var isHeard: Bool
        var frozen: Set<TenantID> = []
    }

    private let gateway: Gateway
    private let store: PlacedStore
    private let standings: Mutex<[Standing]>
    private let revision = Mutex(0)
    private let isEnded = Mutex(false)

    /// How long a refused change counts. Whoever tries again meanwhile renews it.
    private static let memory = Duration.seconds(5)
    private static let interval = Duration.milliseconds(500)
    /// How often a database is asked which tenants are being moved.
    private static let freezeInterval = Duration.seconds(1)

    /// All databases count as there, until something else is heard.
    init(gateway: Gateway, store: PlacedStore) {
        self.gateway = gateway
        self.store = store
        standings = Mutex(store.databases.map { _ in Standing(isHeard: true) })
    }

    /// Takes what the listener of a database says of its connection.
    func heard(_ notification: StoreNotification, from place: Int) {
        switch notification {
        case .cannotHear: set(place, isHeard: false)
        case .mayHaveMissed: set(place, isHeard: true)
        case .stream, .work, .workGivenBack, .deliveries, .sessionRevoked: return
        }
    }

    /// Takes whether a database is there.
    func set(_ place: Int, isHeard: Bool) {
        standings.withLock { $0[place].isHeard = isHeard }
        store.note(place, isAway: !isHeard)
        report()
    }

    /// Tenants live elsewhere now.
    func placesChanged() {
        revision.withLock { $0 += 1 }
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
        // Between two databases only can a tenant be moved.
        guard store.databases.count > 1 else { return }
        for place in store.databases.indices {
            worker.spawn {
                while !self.isEnded.withLock(\.self) {
                    await self.lookForFrozen(place)
                    await worker.sleep(for: Self.freezeInterval)
                }
            }
        }
    }

    /// Looks no more.
    func stop() { isEnded.withLock { $0 = true } }

    /// A database that does not answer is away altogether: what it said before is as good as anything.
    private func lookForFrozen(_ place: Int) async {
        guard let frozen = try? await store.databases[place].store.frozenTenants() else { return }
        standings.withLock { $0[place].frozen = frozen }
        report()
    }

    private func report() {
        let databases = zip(store.databases, standings.withLock(\.self)).map { database, standing in
            let takesChanges = standing.isHeard && !database.store.trouble.happened(within: Self.memory)
            return ServiceReport.Database(
                name: database.name,
                status: takesChanges ? .ok : .degraded,
                frozen: standing.frozen
            )
        }
        gateway.report(ServiceReport(databases, revision: revision.withLock(\.self)) { [store] in store.place(of: $0) })
    }
}
