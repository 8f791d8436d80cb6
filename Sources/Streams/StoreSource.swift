import Domain
import Reactor

/// The database behind a hub, read by tasks of the hub's own worker.
final class StoreSource: StreamSource {
    private let worker: Worker
    private let loop: EventLoop
    private let reader: StreamReader
    /// Streams that are looked at soon.
    private var looking: Set<StreamKey> = []

    init(_ worker: isolated Worker, _ reader: StreamReader) {
        self.worker = worker
        loop = worker.loop
        self.reader = reader
    }

    func find(_ request: AttachRequest, for subscription: SubscriptionID) {
        let (worker, reader) = (self.worker, self.reader)
        worker.spawn { await worker.find(request, for: subscription, reader) }
    }

    func read(_ request: AttachRequest, after position: Position, for subscription: SubscriptionID) {
        let (worker, reader) = (self.worker, self.reader)
        worker.spawn { await worker.read(request, after: position, for: subscription, reader) }
    }

    func lookLater(_ key: StreamKey, afterFailure: Bool) {
        // One look serves all who asked meanwhile.
        guard !afterFailure else { return schedule(key, after: .seconds(1)) }
        guard looking.insert(key).inserted else { return }
        schedule(key, after: .milliseconds(10))
    }

    private func schedule(_ key: StreamKey, after delay: Duration) {
        let worker = self.worker
        loop.schedule(after: delay) { [weak self] in
            self?.looking.remove(key)
            worker.post { $0.attachment(StreamHub.self)?.lookAround(key) }
        }
    }
}

extension Worker {
    fileprivate func find(_ request: AttachRequest, for subscription: SubscriptionID, _ reader: StreamReader) async {
        let answer: Result<AttachReply, AttachError>
        do {
            answer = try await reader.find(request)
        } catch {
            answer = .failure(.unavailable)
        }
        attachment(StreamHub.self)?.found(subscription, answer)
    }

    fileprivate func read(
        _ request: AttachRequest,
        after position: Position,
        for subscription: SubscriptionID,
        _ reader: StreamReader
    ) async {
        let answer: Result<StreamPage, AttachError>
        do {
            answer = .success(try await reader.entries(request, after: position))
        } catch {
            answer = .failure(.unavailable)
        }
        attachment(StreamHub.self)?.read(subscription, request.key, answer)
    }
}
