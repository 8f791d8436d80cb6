import Domain
import JSON
import Reactor
import Server
import Streams

/// One open response of server-sent events: a flow's events as they are committed.
///
/// It lives as long as its response: the writer holds it by its closures, and lets go of them when the response ends.
final class EventStream: LocalSubscriber, SessionBound {
    let writer: ResponseWriter
    private let hub: StreamHub
    private let loop: EventLoop
    private let heartbeat: Duration
    private var subscription: Subscription?
    private var isPaused = false
    private var isOver = false
    private var nextBeat: TimerID?
    private var expiry: TimerID?
    /// Lets go of what others hold of this stream.
    var onEnd: (() -> Void)?

    init(_ writer: ResponseWriter, hub: StreamHub, loop: EventLoop, heartbeat: Duration) {
        self.writer = writer
        self.hub = hub
        self.loop = loop
        self.heartbeat = heartbeat
        writer.onClose = { self.over() }
        writer.onDrain = { self.drained() }
        beat()
    }

    /// Ends the response when the caller's proof of identity ends.
    func end(after delay: Duration) {
        expiry = loop.schedule(after: delay) { [weak self] in self?.end() }
    }

    func end() {
        guard !isOver else { return }
        writer.end()
        over()
    }

    func sessionRevoked() { end() }
    func drain() { end() }

    func streamAttached(_ reply: AttachReply, _ subscription: Subscription) {
        guard !isOver else { return hub.remove(subscription) }
        self.subscription = subscription
        guard let snapshot = reply.snapshot else { return }
        _ = write(EventText.snapshot(snapshot, at: reply.position, digest: reply.digest))
    }

    func streamDeliver(_ entry: StreamEntry, _ subscription: Subscription) -> Bool {
        write(entry.encoded(as: EventText.self))
    }

    func streamLost(_ subscription: Subscription) { end() }

    private func write(_ bytes: [UInt8]) -> Bool {
        isPaused = !writer.write(bytes)
        return !isPaused
    }

    private func drained() {
        guard isPaused, let subscription else { return }
        isPaused = false
        hub.resume(subscription)
    }

    /// A comment now and then shows both sides, and everything between them, that the response lives.
    private func beat() {
        guard !isOver else { return }
        // What waits for the peer already is sign enough.
        if !isPaused { _ = writer.write(Array(":\n\n".utf8)) }
        nextBeat = loop.schedule(after: heartbeat) { [weak self] in self?.beat() }
    }

    private func over() {
        guard !isOver else { return }
        isOver = true
        if let subscription = subscription.take() { hub.remove(subscription) }
        if let nextBeat = nextBeat.take() { loop.cancel(nextBeat) }
        if let expiry = expiry.take() { loop.cancel(expiry) }
        writer.onDrain = nil
        onEnd.take()?()
    }
}
