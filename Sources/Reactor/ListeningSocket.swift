import CLinux
import Glibc

/// A bound, listening stream socket that no loop watches yet.
public struct ListeningSocket: Sendable {
    let descriptor: Int32
    /// The address in force: with the port the kernel chose when 0 was asked for.
    public let address: SocketAddress
    /// Whether several loops wait for the connections of one socket. Each has a descriptor of its own for it.
    let isShared: Bool
    /// What is to be removed when the socket closes.
    private let file: SocketFile?

    /// Opens `count` sockets on one address, one for each loop. Those of an Internet address share its connections through
    /// `SO_REUSEPORT`, those of a path are one socket that the loops wait for in turn.
    ///
    /// A path is refused while anybody listens there; a socket file that a dead process left is replaced, a file of another
    /// kind never. The file goes with the first of the sockets.
    /// - Parameters:
    ///   - mode: who may connect to a path, as permission bits, whatever the process's umask.
    ///   - backlog: connections that may wait to be taken.
    /// - Throws: ``SystemError`` with `isAddressInUse` when anybody else listens there. `SO_REUSEPORT` alone would let two
    ///   servers of one user share a port without a word, so the address is first bound without it.
    public static func open(
        _ address: SocketAddress,
        count: Int,
        mode: UInt32 = 0o660,
        backlog: Int32 = 4096
    ) throws(SystemError) -> [ListeningSocket] {
        guard !address.isUnix else {
            return try ListeningSocket(path: address, mode: mode, backlog: backlog).shared(by: count)
        }
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
        descriptor = try Self.bound(family: address.family) { descriptor throws(SystemError) in
            try Self.set(descriptor, SO_REUSEADDR)
            if sharesPort { try Self.set(descriptor, SO_REUSEPORT) }
            guard address.withSockaddr({ bind(descriptor, $0, $1) }) == 0 else { throw SystemError("bind") }
            if let backlog {
                guard listen(descriptor, backlog) == 0 else { throw SystemError("listen") }
            }
        }
        do throws(SystemError) {
            self.address = try Self.localAddress(descriptor)
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        isShared = false
        file = nil
    }

    private init(path address: SocketAddress, mode: UInt32, backlog: Int32) throws(SystemError) {
        let lock = FolderLock(ofFile: address.host)
        defer { withExtendedLifetime(lock) {} }
        descriptor = try Self.bound(family: AF_UNIX) { descriptor throws(SystemError) in
            if address.withSockaddr({ bind(descriptor, $0, $1) }) != 0 {
                let error = SystemError("bind")
                guard error.isAddressInUse, let left = SocketFile(address.host), left.isStale else { throw error }
                left.remove()
                guard address.withSockaddr({ bind(descriptor, $0, $1) }) == 0 else { throw SystemError("bind") }
            }
            // Before anybody is listened to, so that nobody slips in while the umask alone decides.
            guard chmod(address.host, mode) == 0, listen(descriptor, backlog) == 0 else {
                let error = SystemError("listen")
                SocketFile(address.host)?.remove()
                throw error
            }
        }
        self.address = address
        isShared = false
        file = SocketFile(address.host)
    }

    /// A descriptor that listens already, from elsewhere.
    init(listening descriptor: Int32, address: SocketAddress, isShared: Bool = false) {
        self.init(descriptor: descriptor, address: address, isShared: isShared, file: nil)
    }

    private init(descriptor: Int32, address: SocketAddress, isShared: Bool, file: SocketFile?) {
        self.descriptor = descriptor
        self.address = address
        self.isShared = isShared
        self.file = file
    }

    /// This socket for `count` loops, of which the kernel wakes one for a connection. Takes over the descriptor, also when
    /// it fails.
    func shared(by count: Int) throws(SystemError) -> [ListeningSocket] {
        var sockets = [
            ListeningSocket(descriptor: descriptor, address: address, isShared: count > 1, file: file)
        ]
        while sockets.count < count {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else {
                let error = SystemError("fcntl")
                for socket in sockets { socket.close() }
                throw error
            }
            sockets.append(ListeningSocket(listening: copy, address: address, isShared: true))
        }
        return sockets
    }

    /// Gives the descriptor back, and the file of a path; for a socket that no ``Acceptor`` took over.
    public func close() {
        file?.remove()
        _ = Glibc.close(descriptor)
    }

    /// A descriptor after `prepare` has bound it; closed when that fails.
    private static func bound(
        family: Int32,
        _ prepare: (Int32) throws(SystemError) -> Void
    ) throws(SystemError) -> Int32 {
        let descriptor = clinux_stream_socket(family)
        guard descriptor >= 0 else { throw SystemError("socket") }
        do throws(SystemError) {
            try prepare(descriptor)
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func set(_ descriptor: Int32, _ option: Int32) throws(SystemError) {
        var on: Int32 = 1
        guard setsockopt(descriptor, SOL_SOCKET, option, &on, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw SystemError("setsockopt")
        }
    }

    /// The address that a socket is bound to.
    static func localAddress(_ descriptor: Int32) throws(SystemError) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard code == 0 else { throw SystemError("getsockname") }
        guard let address = SocketAddress(storage: storage) else {
            throw SystemError("getsockname", code: EAFNOSUPPORT)
        }
        return address
    }
}
