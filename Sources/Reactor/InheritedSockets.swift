import CLinux
import Glibc

/// A listening socket that the service manager opened and passed on.
public struct InheritedSocket: Sendable {
    /// What the service manager calls it: the unit's `FileDescriptorName=`; nil when it gave no names.
    public let name: String?
    /// The socket's address.
    public let address: SocketAddress
    private let socket: ListeningSocket

    /// The number of the first descriptor that is passed on (`SD_LISTEN_FDS_START`).
    private static let firstDescriptor: Int32 = 3

    /// Takes over what was passed to this process by the protocol of sd_listen_fds(3), and removes its variables from the
    /// environment, so that no child takes itself for the addressee. Empty when nothing was passed.
    ///
    /// To be called once, before other threads exist: the environment is changed.
    /// - Throws: ``InheritedSocketError``; all descriptors that were passed are closed by then.
    public static func take() throws(InheritedSocketError) -> [InheritedSocket] {
        try take(startingAt: firstDescriptor)
    }

    static func take(startingAt first: Int32) throws(InheritedSocketError) -> [InheritedSocket] {
        func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        let (process, count, names) = (variable("LISTEN_PID"), variable("LISTEN_FDS"), variable("LISTEN_FDNAMES"))
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
        // What is meant for another process, a parent that did not take it, is none of our business.
        guard let count, let process, Int32(process) == getpid() else { return [] }
        guard let count = Int32(count), (0...1024).contains(count) else { throw .invalidCount(count) }
        let list = names?.split(separator: ":", omittingEmptySubsequences: false).map(String.init) ?? []
        let descriptors = first..<(first + count)
        do throws(InheritedSocketError) {
            var sockets: [InheritedSocket] = []
            for (index, descriptor) in descriptors.enumerated() {
                sockets.append(try InheritedSocket(descriptor, name: index < list.count ? list[index] : nil))
            }
            return sockets
        } catch {
            for descriptor in descriptors { close(descriptor) }
            throw error
        }
    }

    private init(_ descriptor: Int32, name: String?) throws(InheritedSocketError) {
        func option(_ name: Int32) -> Int32? {
            var (value, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
            return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
        }
        guard option(SO_TYPE) == Int32(SOCK_STREAM.rawValue), option(SO_ACCEPTCONN) == 1,
            let address = try? ListeningSocket.localAddress(descriptor)
        else { throw .notListening(descriptor: descriptor, name: name) }
        let flags = fcntl(descriptor, F_GETFL, 0)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
            fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
        else { throw .failed(SystemError("fcntl")) }
        self.name = name
        self.address = address
        socket = ListeningSocket(listening: descriptor, address: address)
    }

    /// The socket for `count` loops, of which the kernel wakes one for a connection. Takes over the socket, also when it
    /// fails. The file of a path stays: it is the service manager's.
    public func sockets(count: Int) throws(SystemError) -> [ListeningSocket] { try socket.shared(by: count) }
}

/// Why what the service manager passed on cannot be used.
public enum InheritedSocketError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `LISTEN_FDS` is not a number from 0 to 1024.
    case invalidCount(String)
    /// Not a listening stream socket of IPv4, IPv6 or a path.
    case notListening(descriptor: Int32, name: String?)
    /// A call failed.
    case failed(SystemError)

    /// One sentence's worth of what is wrong.
    public var description: String {
        switch self {
        case .invalidCount(let text): "LISTEN_FDS is \"\(text)\"; it must be a number from 0 to 1024"
        case .notListening(let descriptor, let name):
            "descriptor \(descriptor)\(name.map { " (\($0))" } ?? "") from the service manager is no listening stream socket"
        case .failed(let error): error.description
        }
    }
}
