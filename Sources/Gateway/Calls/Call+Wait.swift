import Domain
import HTTP
import HTTPTypes
import Identity
import JSON
import Reactor
import Server
import Streams

extension Call {
    /// The longest wait, in seconds.
    static let maximumWait = 60

    /// A prompt: at once, or when it can no longer be decided or the wait is over.
    func showPrompt() async throws -> Response {
        let id = try id(of: Prompt.self)
        let wait = try number("wait", in: 0...Int64(Self.maximumWait)) ?? 0
        let tenant = try principal().tenant.id
        var remaining = head.method == .head ? 0 : wait
        while true {
            let (prompt, flow) = try await read { transaction in
                guard let prompt = try await transaction.prompts.find(id) else { throw Problem(.notFound) }
                return (prompt, try await transaction.flows.find(prompt.flow, locked: false))
            }
            guard prompt.status.isPending, remaining > 0, let flow else { return .json(prompt.json) }
            let attach = AttachRequest(
                tenant: tenant,
                stream: .flow(flow.id),
                since: Position(epoch: flow.epoch, seq: flow.seq),
                filter: nil,
                interest: .everyEvent
            )
            let hasNews = await request.worker.awaitChange(attach, within: .seconds(remaining))
            guard try await presentPrincipal().may(.readPrompts) else { throw Problem(.forbidden) }
            remaining = hasNews ? wait - (Timestamp.now().seconds - now.seconds) : 0
        }
    }
}

/// Waits for one change of a stream.
private final class ChangeWaiter: LocalSubscriber {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Bool, Never>)
        case over(hasNews: Bool)
    }

    private var state = State.idle
    private var subscription: Subscription?
    private let hub: StreamHub

    init(hub: StreamHub) { self.hub = hub }

    func wait(_ continuation: CheckedContinuation<Bool, Never>) {
        if case .over(let hasNews) = state { return continuation.resume(returning: hasNews) }
        state = .waiting(continuation)
    }

    func end(hasNews: Bool) {
        if let subscription = subscription.take() { hub.remove(subscription) }
        if case .waiting(let continuation) = state { continuation.resume(returning: hasNews) }
        if case .over = state { return }
        state = .over(hasNews: hasNews)
    }

    func begin(_ request: AttachRequest) { subscription = hub.subscribe(request, self) }

    func streamAttached(_ reply: AttachReply, _ subscription: Subscription) -> Bool {
        if reply.snapshot != nil { end(hasNews: true) }
        return reply.snapshot == nil
    }

    func streamDeliver(_ entry: StreamEntry, _ subscription: Subscription) -> Bool {
        // Prompts are outside the state, so only such a change can be one of a prompt.
        guard entry.patch != nil else { return true }
        end(hasNews: true)
        return false
    }

    func streamReplaced(_ snapshot: StreamSnapshot, _ subscription: Subscription) -> Bool {
        end(hasNews: true)
        return false
    }

    func streamEnded(_ error: AttachError, _ subscription: Subscription) { end(hasNews: false) }
    func drain() { end(hasNews: false) }
}

extension Worker {
    /// Returns when something beside the flow's state has changed, or the time is over.
    /// - Returns: whether there is news.
    fileprivate func awaitChange(_ request: AttachRequest, within limit: Duration) async -> Bool {
        guard let hub = attachment(StreamHub.self), let subscribers = attachment(LocalSubscribers.self) else {
            return false
        }
        let waiter = ChangeWaiter(hub: hub)
        let number = subscribers.add(waiter)
        defer { subscribers.remove(number) }
        let timer = loop.schedule(after: limit) { [weak waiter] in waiter?.end(hasNews: false) }
        defer { loop.cancel(timer) }
        waiter.begin(request)
        return await withCheckedContinuation { waiter.wait($0) }
    }
}
