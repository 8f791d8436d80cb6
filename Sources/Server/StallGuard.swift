import Glibc
import Reactor

/// Cuts a peer that takes nothing of what waits for it. One that takes something, however little, has its time anew.
final class StallGuard {
    private let stream: SocketStream
    private let timeout: Duration
    private let loop: EventLoop
    /// What the kernel had taken when the present period began; nil between periods.
    private var sentBefore: UInt64?
    private lazy var watchdog = Watchdog(loop: loop) { [weak self] in self?.check() }

    init(_ stream: SocketStream, timeout: Duration, loop: EventLoop) {
        self.stream = stream
        self.timeout = timeout
        self.loop = loop
    }

    /// Output was queued.
    func outputQueued() {
        guard sentBefore == nil, stream.id != nil else { return }
        sentBefore = stream.sentBytes
        watchdog.set(timeout)
    }

    func stop() { watchdog.stop() }

    private func check() {
        guard stream.pendingBytes > 0 else {
            sentBefore = nil
            return
        }
        guard stream.sentBytes != sentBefore else { return stream.abort(SystemError("sendmsg", code: ETIMEDOUT)) }
        sentBefore = stream.sentBytes
        watchdog.set(timeout)
    }
}
