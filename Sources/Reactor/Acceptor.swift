import CLinux
import Glibc

/// Accepts connections from a listening socket on one loop.
///
/// At the limit of descriptors a connection cannot be taken, but it is there: the kernel has answered the peer, who waits.
/// Leaving it in the backlog would keep the peer guessing for as long as the others stay, and a level-triggered loop busy.
/// So one descriptor is kept in reserve; it is given up, the connection taken with it, told that there is no room, closed,
/// and the descriptor kept again. A balancer or client then goes elsewhere at once. Only where that does not help (another
/// thread was faster, or memory is short) accepting pauses for 100 ms.
public final class Acceptor: ChannelHandler {
    /// News of a time in which connections cannot be taken.
    public enum Exhaustion {
        /// There is no descriptor, or no memory, for another connection. Told once, until ``ended``.
        case began(SystemError)
        /// A connection that is not kept: a non-blocking descriptor, valid during the call only.
        case refused(Int32)
        /// Descriptors have been there again for two seconds.
        case ended
    }

    private enum Outcome {
        case taken(Int32, SocketAddress?)
        case nothing
        /// This one only: it was reset before it was taken.
        case lost
        case exhausted(SystemError)
    }

    private let loop: EventLoop
    private let socket: ListeningSocket
    private let interest: Interest
    private let onAccept: (Int32, SocketAddress?) -> Void
    private let onExhaustion: (Exhaustion) -> Void
    private let reserve = DescriptorReserve()
    private var id: ChannelID?
    private var isClosed = false
    /// Whether the last look found nothing left.
    private var isBacklogEmpty = false
    /// The end of the quiet time after which exhaustion is over; nil when there is none.
    private var quietAt: UInt64?

    /// How many connections one wake-up takes at most, so that a storm does not starve those already served.
    private static let batch = 64
    private static let lastBatches = 64
    private static let pause = Duration.milliseconds(100)
    private static let quiet = Duration.seconds(2)

    /// Starts to accept at once. Takes over the socket, also when it fails.
    ///
    /// - Parameters:
    ///   - onAccept: takes over the non-blocking descriptor, with the peer's address.
    ///   - onExhaustion: told when the process is out of descriptors or memory, and when that is over.
    public init(
        _ socket: ListeningSocket,
        on loop: EventLoop,
        onAccept: @escaping (Int32, SocketAddress?) -> Void,
        onExhaustion: @escaping (Exhaustion) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.socket = socket
        self.onAccept = onAccept
        self.onExhaustion = onExhaustion
        // One connection wakes one of the loops that share the socket, and not all of them for nothing.
        interest = socket.isShared ? [.read, .exclusive] : .read
        if !socket.address.isUnix {
            // Handed down to every connection, which saves each a system call.
            var on: Int32 = 1
            setsockopt(socket.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        do throws(SystemError) {
            id = try loop.register(socket.descriptor, interest, handler: self)
        } catch {
            socket.close()
            throw error
        }
    }

    /// Takes what waits in the backlog, then ends accepting: peers the kernel has connected already would see a reset.
    ///
    /// As many as the backlog holds, and no more: a storm must not keep the socket open.
    public func finish() {
        var batches = 0
        repeat {
            channelReady(.readable)
            batches += 1
        } while id != nil && !isBacklogEmpty && batches < Self.lastBatches
        close()
    }

    /// Ends accepting and closes the socket.
    public func close() {
        if let id = id.take() { loop.deregister(id) }
        release()
    }

    /// Takes what waits in the backlog.
    public func channelReady(_ readiness: Readiness) {
        isBacklogEmpty = false
        // Looked at each time: who takes a connection may close the acceptor.
        for _ in 0..<Self.batch where id != nil {
            switch accept() {
            case .taken(let descriptor, let peer): onAccept(descriptor, peer)
            case .nothing:
                isBacklogEmpty = true
                return
            case .lost: continue
            case .exhausted(let error):
                noteExhaustion(error)
                guard refuseOne() else { return pause() }
            }
        }
    }

    /// Closes the socket with the loop.
    public func channelTornDown() {
        id = nil
        release()
    }

    private func accept() -> Outcome {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let descriptor = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                clinux_accept(socket.descriptor, $0, &length)
            }
        }
        guard descriptor >= 0 else {
            switch errno {
            case EAGAIN: return .nothing
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(SystemError("accept4"))
            default: return .lost
            }
        }
        return .taken(descriptor, SocketAddress(storage: storage))
    }

    /// Takes one connection with the descriptor in reserve, and lets go of it; false when that did not work.
    private func refuseOne() -> Bool {
        guard reserve.release() else { return false }
        defer { reserve.refill() }
        switch accept() {
        case .taken(let descriptor, _):
            onExhaustion(.refused(descriptor))
            _ = Glibc.close(descriptor)
            return true
        case .nothing, .lost: return true
        case .exhausted: return false
        }
    }

    private func noteExhaustion(_ error: SystemError) {
        let isNews = quietAt == nil
        quietAt = loop.now + Self.quiet.boundedNanoseconds
        guard isNews else { return }
        onExhaustion(.began(error))
        lookAgain()
    }

    /// Looks now and then whether it is over: connections that come again would not tell while none come.
    private func lookAgain() {
        loop.schedule(after: Self.quiet) { [weak self] in
            guard let self, !self.isClosed, let quietAt = self.quietAt else { return }
            guard self.loop.now >= quietAt, self.reserve.isSpare else { return self.lookAgain() }
            self.quietAt = nil
            self.onExhaustion(.ended)
        }
    }

    /// Not by changing the interest: the kernel does not allow that for an exclusive one (epoll_ctl(2)).
    private func pause() {
        guard let id = id.take() else { return }
        loop.deregister(id)
        loop.schedule(after: Self.pause) { [weak self] in self?.resume() }
    }

    private func resume() {
        guard !isClosed, id == nil else { return }
        do throws(SystemError) {
            id = try loop.register(socket.descriptor, interest, handler: self)
        } catch {
            loop.schedule(after: Self.pause) { [weak self] in self?.resume() }
        }
    }

    private func release() {
        guard !isClosed else { return }
        isClosed = true
        reserve.release()
        socket.close()
    }
}
