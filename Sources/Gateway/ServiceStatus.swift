public import Domain
import JSON
import Locking
import Logging
import Reactor
import Server

/// Whether changes can be made at present.
public enum ServiceStatus: String, Sendable {
    /// They can.
    case ok
    /// The database is away or takes no changes. What is connected stays so, and goes on by itself when it is back.
    case degraded
}

/// How the databases of a process are, and which tenants concern which.
public struct ServiceReport: Sendable {
    /// One of the databases.
    public struct Database: Sendable, Equatable {
        /// What operators call it.
        public let name: String
        /// Whether it takes changes.
        public let status: ServiceStatus
        /// The tenants of whom it takes none, although it takes those of others: they are being moved.
        public let frozen: Set<TenantID>

        /// Creates the value.
        public init(name: String, status: ServiceStatus, frozen: Set<TenantID> = []) {
            self.name = name
            self.status = status
            self.frozen = frozen
        }
    }

    /// At least one.
    let databases: [Database]
    /// Another number for each change of `place`.
    let revision: Int
    private let place: @Sendable (Tenant) -> Int

    /// Creates the value.
    /// - Parameters:
    ///   - revision: another number for each change of what `place` says.
    ///   - place: which of the databases a tenant lives in.
    public init(_ databases: [Database], revision: Int = 0, place: @escaping @Sendable (Tenant) -> Int = { _ in 0 }) {
        self.databases = databases
        self.revision = revision
        self.place = place
    }

    /// Whether changes of a tenant can be made.
    func status(for tenant: Tenant) -> ServiceStatus {
        let database = databases[place(tenant)]
        return database.frozen.contains(tenant.id) ? .degraded : database.status
    }

    /// Whether this process is of use to anybody. One database that is away must not have all processes taken out of service,
    /// which serve the tenants of the others; a process that reaches none serves nobody.
    var isReady: Bool { databases.contains { $0.status == .ok } }
}

/// The present status of a process, for those who ask.
final class ServiceStatusBoard: Sendable {
    private let report = Mutex(ServiceReport([.init(name: "default", status: .ok)]))

    var now: ServiceReport { report.withLock(\.self) }

    /// Takes a report; false when the one before said the same.
    func set(_ new: ServiceReport) -> Bool {
        report.withLock { report in
            defer { report = new }
            return report.databases != new.databases || report.revision != new.revision
        }
    }
}

/// The sockets of one loop on which somebody is here: they are told when the status changes for them.
final class LocalSockets {
    private var sessions: [ObjectIdentifier: RPCSession] = [:]

    func add(_ session: RPCSession) { sessions[ObjectIdentifier(session)] = session }

    func remove(_ session: RPCSession) { sessions[ObjectIdentifier(session)] = nil }

    func tell(_ report: ServiceReport) {
        for session in sessions.values { session.tell(report) }
    }
}

extension RPCSession {
    /// Says whether changes can be made at present, unless that was said already.
    func tell(_ report: ServiceReport) {
        guard case .ready(let principal) = phase else { return }
        let status = report.status(for: principal.tenant)
        guard status != toldStatus else { return }
        toldStatus = status
        channel.send(text: RPCText.notification("service", ["status": JSON(status.rawValue)]))
    }
}

extension Services {
    /// Takes how the databases are, and tells those whom it concerns.
    func report(_ report: ServiceReport) {
        let before = status.now.databases
        guard status.set(report) else { return }
        for (database, former) in zip(report.databases, before) where database.status != former.status {
            logger.notice("The database \(database.name) is \(database.status.rawValue)")
        }
        for worker in workers.workers {
            worker.post { worker in
                worker.attachment(LocalSockets.self)?.tell(report)
                worker.attachment(LocalSubscribers.self)?.tell(report)
            }
        }
    }
}
