import Domain
import JSON
import Reactor
import Server
import Streams

/// One open response of server-sent events: what happens in a stream, as it is committed.
///
/// It lives as long as its response: the writer holds it by its closures, and lets go of them when the response ends.
final class EventStream: LocalSubscriber, SessionBound {
    /// What the events look like.
    enum Form {
        /// AG-UI events, with what is ours in their metadata.
        case agentEvents
        /// What a WebSocket would be sent.
        case notifications
    }

    let writer: ResponseWriter
    private let form: Form
    private let tenant: Tenant
    /// What the client was told of the database, or would believe.
    private var toldStatus = ServiceStatus.ok
    /// What has to be written before more is taken.
    private var waiting: ArraySlice<[UInt8]> = []
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

    init(
        _ writer: ResponseWriter,
        form: Form,
        tenant: Tenant,
        hub: StreamHub,
        loop: EventLoop,
        heartbeat: Duration
    ) {
        self.form = form
        self.tenant = tenant
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

    /// AG-UI has no event for it.
    func tell(_ report: ServiceReport) {
        let status = report.status(for: tenant)
        guard case .notifications = form, status != toldStatus, !isOver else { return }
        toldStatus = status
        // What it takes after this is its own affair: a pause ends when the response has drained.
        _ = write([NotificationText.text(of: status)])
    }

    func sessionRevoked() { end() }
    func drain() { end() }

    func follow(_ request: AttachRequest) {
        guard !isOver else { return }
        subscription = hub.subscribe(request, self)
    }

    func streamAttached(_ reply: AttachReply, _ subscription: Subscription) -> Bool {
        switch form {
        case .agentEvents: write(reply.snapshot.map { [$0.encoded(as: EventText.self)] } ?? [])
        case .notifications: write(NotificationText.texts(of: reply))
        }
    }

    func streamDeliver(_ entry: StreamEntry, _ subscription: Subscription) -> Bool {
        switch form {
        case .agentEvents: write([entry.encoded(as: EventText.self)])
        case .notifications: write([entry.encoded(as: NotificationText.self)])
        }
    }

    func streamReplaced(_ snapshot: StreamSnapshot, _ subscription: Subscription) -> Bool {
        switch form {
        case .agentEvents: write([snapshot.encoded(as: EventText.self)])
        case .notifications: write(snapshot.encoded(as: NotificationText.self))
        }
    }

    func streamEnded(_ error: AttachError, _ subscription: Subscription) { end() }

    private func write(_ texts: [[UInt8]]) -> Bool {
        waiting += texts
        return flush()
    }

    private func flush() -> Bool {
        while !isPaused, let text = waiting.popFirst() { isPaused = !writer.write(text) }
        // A slice that has become empty still holds all it was cut from.
        if waiting.isEmpty { waiting = [] }
        return !isPaused
    }

    private func drained() {
        guard isPaused, !isOver else { return }
        isPaused = false
        if flush(), let subscription { hub.resume(subscription) }
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
