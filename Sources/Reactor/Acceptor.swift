import CLinux
import Glibc

/// Accepts connections from a listening socket on one loop.
public final class Acceptor: ChannelHandler {
    private let loop: EventLoop
    private let socket: ListeningSocket
    private let onAccept: (Int32, SocketAddress?) -> Void
    private let onExhaustion: (SystemError) -> Void
    private var id: ChannelID?

    /// How many connections one wake-up takes at most, so that a storm does not starve those already served.
    private static let batch = 64

    /// Starts to accept at once. Takes over the socket, also when it fails.
    ///
    /// - Parameters:
    ///   - onAccept: takes over the non-blocking descriptor, with the peer's address.
    ///   - onExhaustion: told when the process is out of descriptors or memory; accepting pauses for 100 ms then, because
    ///     a level-triggered loop would spin on the waiting connection.
    public init(
        _ socket: ListeningSocket,
        on loop: EventLoop,
        onAccept: @escaping (Int32, SocketAddress?) -> Void,
        onExhaustion: @escaping (SystemError) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.socket = socket
        self.onAccept = onAccept
        self.onExhaustion = onExhaustion
        do throws(SystemError) {
            id = try loop.register(socket.descriptor, .read, handler: self)
        } catch {
            socket.close()
            throw error
        }
    }

    /// Ends accepting and closes the socket.
    public func close() {
        guard let id = id.take() else { return }
        loop.deregister(id)
        socket.close()
    }

    /// Takes what waits in the backlog.
    public func channelReady(_ readiness: Readiness) {
        // Looked at each time: who takes a connection may close the acceptor.
        for _ in 0..<Self.batch where id != nil {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let descriptor = withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    clinux_accept(socket.descriptor, $0, &length)
                }
            }
            guard descriptor >= 0 else {
                switch errno {
                case EAGAIN: return
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: return pause(SystemError("accept4"))
                default: continue
                }
            }
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            onAccept(descriptor, SocketAddress(storage: storage))
        }
    }

    /// Closes the socket with the loop.
    public func channelTornDown() {
        guard id.take() != nil else { return }
        socket.close()
    }

    private func pause(_ error: SystemError) {
        guard let id else { return }
        loop.modify(id, [])
        onExhaustion(error)
        loop.schedule(after: .milliseconds(100)) { [weak self] in
            guard let self, let id = self.id else { return }
            self.loop.modify(id, .read)
        }
    }
}
