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

/// The present status of a process, for those who ask.
final class ServiceStatusBoard: Sendable {
    private let status = Mutex(ServiceStatus.ok)

    var now: ServiceStatus { status.withLock(\.self) }

    /// Sets the status; false when it was that before.
    func set(_ new: ServiceStatus) -> Bool {
        status.withLock { status in
            defer { status = new }
            return status != new
        }
    }
}

/// The sockets of one loop on which somebody is here: all of them are told when the status changes.
final class LocalSockets {
    private var sessions: [ObjectIdentifier: RPCSession] = [:]

    func add(_ session: RPCSession) { sessions[ObjectIdentifier(session)] = session }

    func remove(_ session: RPCSession) { sessions[ObjectIdentifier(session)] = nil }

    func tell(_ status: ServiceStatus) {
        for session in sessions.values { session.tell(status) }
    }
}

extension RPCSession {
    /// Says whether changes can be made at present.
    func tell(_ status: ServiceStatus) {
        channel.send(text: RPCText.notification("service", ["status": JSON(status.rawValue)]))
    }
}

extension Services {
    /// Takes and tells whether changes can be made at present.
    func report(_ status: ServiceStatus) {
        guard self.status.set(status) else { return }
        logger.notice("The service is \(status.rawValue)")
        for worker in workers.workers { worker.post { $0.attachment(LocalSockets.self)?.tell(status) } }
    }
}
