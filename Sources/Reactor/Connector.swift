import CLinux
import Glibc

/// A stream socket on its way to its peer.
///
/// The loop holds it until it is connected, has failed or is given up.
public final class Connector: ChannelHandler {
    private let loop: EventLoop
    private let descriptor: Int32
    private var channel: ChannelID?
    private var timer: TimerID?
    private var completion: ((Result<Int32, SystemError>) -> Void)?

    /// Begins to connect. Small messages are not held back for larger ones (`TCP_NODELAY`).
    ///
    /// - Parameters:
    ///   - timeout: after which it has failed with `ETIMEDOUT`.
    ///   - completion: called once, on the loop and not before this has returned, unless ``cancel()`` came first. Whoever gets
    ///     the descriptor owns it: a ``SocketStream`` takes it over.
    /// - Throws: ``SystemError`` for what fails at once; `completion` is not called then.
    public init(
        to address: SocketAddress,
        on loop: EventLoop,
        within timeout: Duration,
        completion: @escaping (Result<Int32, SystemError>) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.completion = completion
        descriptor = clinux_stream_socket(address.family)
        guard descriptor >= 0 else { throw SystemError("socket") }
        do throws(SystemError) {
            try begin(address)
        } catch {
            close(descriptor)
            throw error
        }
        timer = loop.schedule(after: timeout) { [weak self] in
            self?.finish(.failure(SystemError("connect", code: ETIMEDOUT)))
        }
    }

    /// Gives the attempt up; nobody is told.
    public func cancel() {
        completion = nil
        finish(.failure(SystemError("connect", code: ECANCELED)))
    }

    /// The kernel knows what came of it.
    public func channelReady(_ readiness: Readiness) {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else {
            return finish(.failure(SystemError("getsockopt")))
        }
        finish(code == 0 ? .success(descriptor) : .failure(SystemError("connect", code: code)))
    }

    /// The loop ends.
    public func channelTornDown() { finish(.failure(SystemError("connect", code: ECANCELED))) }

    private func begin(_ address: SocketAddress) throws(SystemError) {
        if !address.isUnix {
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        guard address.withSockaddr({ connect(descriptor, $0, $1) }) == 0 || errno == EINPROGRESS else {
            throw SystemError("connect")
        }
        channel = try loop.register(descriptor, .write, handler: self)
    }

    private func finish(_ result: Result<Int32, SystemError>) {
        guard let channel = channel.take() else { return }
        if let timer = timer.take() { loop.cancel(timer) }
        let completion = self.completion.take()
        let isHandedOver = if case .success = result { completion != nil } else { false }
        loop.deregister(channel, isClosing: !isHandedOver)
        if !isHandedOver { close(descriptor) }
        completion?(result)
    }
}
