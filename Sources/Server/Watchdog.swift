import Reactor

/// A deadline that moves often: one timer follows it lazily instead of being set anew with every byte.
final class Watchdog {
    private let loop: EventLoop
    private var deadline: UInt64?
    private var armed: (timer: TimerID, deadline: UInt64)?
    private let onExpiry: () -> Void

    init(loop: EventLoop, onExpiry: @escaping () -> Void) {
        self.loop = loop
        self.onExpiry = onExpiry
    }

    /// Whether a deadline is set.
    var isSet: Bool { deadline != nil }

    /// Sets the deadline `delay` from now.
    func set(_ delay: Duration) {
        let deadline = loop.now + delay.boundedNanoseconds
        self.deadline = deadline
        // Only a deadline that moves forward needs the timer at once; for a later one it looks again when it fires.
        if let armed {
            guard deadline < armed.deadline else { return }
            loop.cancel(armed.timer)
        }
        arm(delay, deadline)
    }

    /// Takes the deadline away.
    func clear() { deadline = nil }

    /// Takes deadline and timer away.
    func stop() {
        deadline = nil
        if let armed = armed.take() { loop.cancel(armed.timer) }
    }

    private func arm(_ delay: Duration, _ deadline: UInt64) {
        armed = (loop.schedule(after: delay) { [weak self] in self?.fired() }, deadline)
    }

    private func fired() {
        armed = nil
        guard let deadline else { return }
        if deadline > loop.now {
            arm(.nanoseconds(Int64(clamping: deadline - loop.now)), deadline)
        } else {
            self.deadline = nil
            onExpiry()
        }
    }
}
