import Glibc
import Logging
import Reactor

/// The sockets of a server. They are opened before anything else is started, so that a taken port is known at once.
struct Listening {
    /// For each address one for each worker.
    let sockets: [ListeningSocket]
    /// Where plain HTTP is sent to HTTPS, one for each worker.
    let redirectSockets: [ListeningSocket]
    /// Where people and scripts reach the server.
    let url: String
    /// Who wants to know how the process is doing.
    let manager: ServiceManager

    /// Takes what the service manager passed on, or else opens what the settings name. To be called before other threads
    /// exist: it changes the environment.
    /// - Throws: ``Failure`` when an address cannot be had.
    init(_ settings: Settings) throws(Failure) {
        manager = ServiceManager.take()
        let workers = Application.workerCount(settings)
        let inherited = try Self.inherited(count: workers)
        sockets = if let inherited { inherited } else { try Self.opened(settings, count: workers) }
        redirectSockets = try Self.redirecting(settings, count: workers)
        let addresses = sockets.map(\.address)
        let scheme = settings.transport.isEncrypted ? "https" : "http"
        url = addresses.first { !$0.isUnix }.map { Self.url($0, scheme) } ?? addresses[0].description
    }

    private static func inherited(count: Int) throws(Failure) -> [ListeningSocket]? {
        let passed: [InheritedSocket]
        do {
            passed = try InheritedSocket.take()
        } catch {
            throw Failure(.configuration, "\(error).")
        }
        guard !passed.isEmpty else { return nil }
        var sockets: [ListeningSocket] = []
        for socket in passed {
            do {
                sockets += try socket.sockets(count: count)
            } catch {
                throw Failure(.system, "the server cannot listen on \(socket.address): \(error).")
            }
        }
        let list = passed.map { "\($0.address)\($0.name.map { " (\($0))" } ?? "")" }.joined(separator: ", ")
        Logger(label: "signalbox").info("Listening on sockets from the service manager: \(list)")
        return sockets
    }

    private static func opened(_ settings: Settings, count: Int) throws(Failure) -> [ListeningSocket] {
        var sockets: [ListeningSocket] = []
        if settings.tcp == "on" { sockets += try tcp(settings.host, settings.port, count: count) }
        do throws(Failure) {
            if let path = settings.unixSocket { sockets += try unix(path, settings, count: count) }
        } catch {
            for socket in sockets { socket.close() }
            throw error
        }
        guard !sockets.isEmpty else {
            throw Failure(.configuration, "tcp is \"off\", and there is no unix_socket to listen on instead.")
        }
        return sockets
    }

    private static func redirecting(_ settings: Settings, count: Int) throws(Failure) -> [ListeningSocket] {
        guard settings.transport.isEncrypted, settings.transport.redirectPort > 0 else { return [] }
        return try tcp(settings.host, settings.transport.redirectPort, count: count)
    }

    private static func tcp(_ host: String, _ port: Int, count: Int) throws(Failure) -> [ListeningSocket] {
        guard let address = SocketAddress(host: host, port: UInt16(clamping: port)) else {
            throw Failure(.configuration, "host is \"\(host)\"; it must be a numeric IPv4 or IPv6 address.")
        }
        do {
            return try ListeningSocket.open(address, count: count)
        } catch {
            switch error.code {
            case EADDRINUSE:
                throw Failure(
                    .system,
                    "port \(port) on \(host) is in use by another program; choose another one (--port, PORT)."
                )
            case EACCES:
                throw Failure(.system, "port \(port) may not be used without more rights; choose one above 1023.")
            case EADDRNOTAVAIL: throw Failure(.configuration, "\(host) is not an address of this machine.")
            default: throw Failure(.system, "the server cannot listen on \(address): \(error).")
            }
        }
    }

    private static func unix(_ path: String, _ settings: Settings, count: Int) throws(Failure) -> [ListeningSocket] {
        guard let address = SocketAddress(unixPath: path), let mode = UInt32(settings.unixSocketMode, radix: 8) else {
            throw Failure(
                .configuration,
                "unix_socket is \"\(path)\"; it must be \(Setting.unixSocket.allowed ?? "set")."
            )
        }
        do {
            return try ListeningSocket.open(address, count: count, mode: mode)
        } catch {
            switch error.code {
            case EADDRINUSE:
                throw Failure(.system, "unix_socket \(path) is in use by another program, or a file of another kind.")
            case ENOENT, ENOTDIR: throw Failure(.configuration, "unix_socket is \(path); there is no such folder.")
            case EACCES, EROFS: throw Failure(.system, "unix_socket \(path) cannot be created: \(error).")
            default: throw Failure(.system, "the server cannot listen on \(path): \(error).")
            }
        }
    }

    private static func url(_ address: SocketAddress, _ scheme: String) -> String {
        let isEverywhere = address.host == "0.0.0.0" || address.host == "::"
        return scheme + "://" + (isEverywhere ? "127.0.0.1:\(address.port)" : address.description)
    }
}
