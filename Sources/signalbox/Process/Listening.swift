import Glibc
import Reactor

/// The sockets of a server. They are opened before anything else is started, so that a taken port is known at once.
struct Listening {
    let sockets: [ListeningSocket]
    /// Where people and scripts reach the server.
    let url: String

    /// - Throws: ``Failure`` when the address cannot be had.
    init(_ settings: Settings) throws(Failure) {
        let (host, port) = (settings.host, settings.port)
        guard let address = SocketAddress(host: host, port: UInt16(clamping: port)) else {
            throw Failure(.configuration, "host is \"\(host)\"; it must be a numeric IPv4 or IPv6 address.")
        }
        do {
            sockets = try ListeningSocket.open(address, count: Application.workerCount(settings))
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
        let bound = sockets.first?.address ?? address
        let isEverywhere = host == "0.0.0.0" || host == "::"
        url = "http://" + (isEverywhere ? "127.0.0.1:\(bound.port)" : bound.description)
    }
}
