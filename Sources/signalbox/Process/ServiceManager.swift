import Glibc

/// Tells the service manager how the process is doing, by the protocol of sd_notify(3).
struct ServiceManager: Sendable {
    /// What there is to tell.
    enum State: String {
        case ready = "READY=1"
        case stopping = "STOPPING=1"
    }

    /// The path of the manager's socket, with `@` for an abstract one; nil when nobody wants to know.
    private let socketPath: String?

    /// Takes the socket's address out of the environment: Postgres, which `signalbox dev` starts, would speak for us.
    static func take() -> ServiceManager {
        let path = getenv("NOTIFY_SOCKET").map { String(cString: $0) }
        unsetenv("NOTIFY_SOCKET")
        return ServiceManager(socketPath: path)
    }

    init(socketPath: String?) { self.socketPath = socketPath }

    /// Sends one datagram. That nobody hears it is no reason to stop: the manager will see what becomes of us.
    func tell(_ state: State) {
        guard let socketPath, let first = socketPath.first, first == "/" || first == "@" else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(socketPath.utf8)
        let isFitting = withUnsafeMutableBytes(of: &address.sun_path) { field in
            guard name.count < field.count else { return false }
            field.copyBytes(from: name)
            if first == "@" { field[0] = 0 }
            return true
        }
        guard isFitting else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let message = Array(state.rawValue.utf8)
        // An abstract name is as long as the address says, NULs included.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count + (first == "@" ? 0 : 1))
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
