import Glibc
import Reactor

/// Cuts a peer that takes nothing of what waits for it. One that takes something, however little, has its time anew.
final class StallGuard {
    private let stream: SocketStream
    private let timeout: Duration
    private let loop: EventLoop
    /// What the peer had taken when the present period began; nil between periods.
    private var takenBefore: UInt64?
    private lazy var watchdog = Watchdog(loop: loop) { [weak self] in self?.check() }

    init(_ stream: SocketStream, timeout: Duration, loop: EventLoop) {
        self.stream = stream
        self.timeout = timeout
        self.loop = loop
    }

    /// Output was queued.
    func outputQueued() {
        guard takenBefore == nil, stream.id != nil else { return }
        takenBefore = stream.acknowledgedBytes
        watchdog.set(timeout)
    }

    func stop() { watchdog.stop() }

    private func check() {
        guard stream.pendingBytes > 0 else {
            takenBefore = nil
            return
        }
        let taken = stream.acknowledgedBytes
        guard taken != takenBefore else { return stream.abort(SystemError("sendmsg", code: ETIMEDOUT)) }
        takenBefore = taken
        watchdog.set(timeout)
    }
}
