import CLinux
import Glibc

/// A bound, listening TCP socket that no loop watches yet.
public struct ListeningSocket: Sendable {
    let descriptor: Int32
    /// The address in force: with the port the kernel chose when 0 was asked for.
    public let address: SocketAddress

    /// Opens `count` sockets on one address, one for each loop, that share its connections through `SO_REUSEPORT`.
    ///
    /// - Throws: ``SystemError`` with `isAddressInUse` when anybody else listens there. `SO_REUSEPORT` alone would let two
    ///   servers of one user share a port without a word, so the address is first bound without it.
    public static func open(
        _ address: SocketAddress,
        count: Int,
        backlog: Int32 = 4096
    ) throws(SystemError) -> [ListeningSocket] {
        let probe = try ListeningSocket(address, sharesPort: false, backlog: nil)
        // Held until the end, so that a port the kernel chose cannot go to somebody else in between.
        defer { probe.close() }
        let bound = probe.address
        var sockets: [ListeningSocket] = []
        do throws(SystemError) {
            for _ in 0..<count { sockets.append(try ListeningSocket(bound, sharesPort: true, backlog: backlog)) }
        } catch {
            for socket in sockets { socket.close() }
            throw error
        }
        return sockets
    }

    private init(_ address: SocketAddress, sharesPort: Bool, backlog: Int32?) throws(SystemError) {
        let descriptor = clinux_stream_socket(address.family)
        guard descriptor >= 0 else { throw SystemError("socket") }
        do throws(SystemError) {
            try Self.set(descriptor, SO_REUSEADDR)
            if sharesPort { try Self.set(descriptor, SO_REUSEPORT) }
            guard address.withSockaddr({ bind(descriptor, $0, $1) }) == 0 else { throw SystemError("bind") }
            if let backlog {
                guard listen(descriptor, backlog) == 0 else { throw SystemError("listen") }
            }
            self.address = try Self.localAddress(descriptor)
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    /// Gives the descriptor back; for a socket that no ``Acceptor`` took over.
    public func close() { _ = Glibc.close(descriptor) }

    private static func set(_ descriptor: Int32, _ option: Int32) throws(SystemError) {
        var on: Int32 = 1
        guard setsockopt(descriptor, SOL_SOCKET, option, &on, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw SystemError("setsockopt")
        }
    }

    private static func localAddress(_ descriptor: Int32) throws(SystemError) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard code == 0, let address = SocketAddress(storage: storage) else { throw SystemError("getsockname") }
        return address
    }
}
