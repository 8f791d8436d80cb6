import Domain
import JSON
import Reactor
import Streams

/// Waits for what follows a position, for one answer of a long poll.
private final class StreamPoll: LocalSubscriber {
    typealias Answer = Result<JSON, Problem>

    /// What one answer holds at most, in bytes of events; the rest comes with the next.
    private static let maximumBytes = 256 << 10

    /// How often the end of a wait looks whether what is known to exist has come.
    private static let maximumChecks = 200

    private let hub: StreamHub
    private let loop: EventLoop
    private let limit: Duration
    private var continuation: CheckedContinuation<Answer, Never>?
    private var subscription: Subscription?
    private var position: Position?
    private var checks = 0
    private var events: [JSON] = []
    private var bytes = 0
    private var timer: TimerID?

    init(hub: StreamHub, loop: EventLoop, limit: Duration, _ continuation: CheckedContinuation<Answer, Never>) {
        self.hub = hub
        self.loop = loop
        self.limit = limit
        self.continuation = continuation
    }

    func begin(_ request: AttachRequest) { subscription = hub.subscribe(request, self) }

    func streamAttached(_ reply: AttachReply, _ subscription: Subscription) -> Bool {
        if let snapshot = reply.snapshot {
            finish(snapshot)
            return false
        }
        position = reply.position
        end(after: limit)
        return true
    }

    func streamDeliver(_ entry: StreamEntry, _ subscription: Subscription) -> Bool {
        // What is committed together is told together.
        if events.isEmpty { end(after: .zero) }
        events.append(EventNotification.params(of: entry))
        bytes += entry.byteCount
        position = entry.position
        return bytes < Self.maximumBytes
    }

    func streamReplaced(_ snapshot: StreamSnapshot, _ subscription: Subscription) -> Bool {
        finish(snapshot)
        return false
    }

    func streamEnded(_ error: AttachError, _ subscription: Subscription) { finish(.failure(Problem(error))) }

    /// The server goes down: the answer is what there is.
    func drain() { answer() }

    private func end(after delay: Duration) {
        if let timer { loop.cancel(timer) }
        timer = loop.schedule(after: delay) { [weak self] in self?.timeIsOver() }
    }

    private func timeIsOver() {
        // Without a wait the answer still has all that exists already.
        guard let subscription, events.isEmpty, subscription.isAwaitingEntries, checks < Self.maximumChecks else {
            return answer()
        }
        checks += 1
        end(after: .milliseconds(10))
    }

    private func answer() {
        // Before it is known where the client stands, there is nothing to say.
        guard let position else { return finish(.failure(Problem(.goingAway))) }
        finish(
            .success([
                "stream": JSON((subscription?.request.stream).map(\.text) ?? ""),
                "epoch": JSON(position.epoch),
                "seq": JSON(Int(position.seq)),
                "mode": "patches",
                "events": .array(events),
            ])
        )
    }

    private func finish(_ snapshot: StreamSnapshot) {
        finish(.success(SubscribeResult.whole(snapshot)))
    }

    private func finish(_ answer: Answer) {
        if let timer = timer.take() { loop.cancel(timer) }
        if let subscription = subscription.take() { hub.remove(subscription) }
        continuation.take()?.resume(returning: answer)
    }
}

extension Worker {
    /// What follows a position: at once when there is something, else when there is or when the time is over.
    func poll(_ request: AttachRequest, within limit: Duration) async -> Result<JSON, Problem> {
        guard let hub = attachment(StreamHub.self), let subscribers = attachment(LocalSubscribers.self) else {
            return .failure(Problem(.unavailable))
        }
        var number: UInt64?
        defer { if let number { subscribers.remove(number) } }
        return await withCheckedContinuation { continuation in
            let poll = StreamPoll(hub: hub, loop: loop, limit: limit, continuation)
            number = subscribers.add(poll)
            poll.begin(request)
        }
    }
}
