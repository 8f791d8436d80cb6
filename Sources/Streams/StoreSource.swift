import Domain
import Reactor

/// The database behind a hub, read by tasks of the hub's own worker.
final class StoreSource: StreamSource {
    private let worker: Worker
    private let loop: EventLoop
    private let reader: StreamReader
    /// Streams that are looked at soon.
    private var looking: Set<StreamKey> = []
    /// Readings that wait for one of their tenant that is under way, and travel together in the next; an empty list where
    /// none waits.
    private var waiting: [TenantID: [FlowReading]] = [:]

    /// Readings in one round trip.
    private static let readingsAtOnce = 64

    init(_ worker: isolated Worker, _ reader: StreamReader) {
        self.worker = worker
        loop = worker.loop
        self.reader = reader
    }

    func find(_ request: AttachRequest, for subscription: SubscriptionID) {
        let (worker, reader) = (self.worker, self.reader)
        worker.spawn {
            await TenantContext.with(request.tenant) { await worker.find(request, for: subscription, reader) }
        }
    }

    /// The next readings of a tenant; nil when none waits.
    func nextReadings(of tenant: TenantID) -> [FlowReading]? {
        guard let all = waiting[tenant], !all.isEmpty else {
            waiting[tenant] = nil
            return nil
        }
        waiting[tenant] = Array(all.dropFirst(Self.readingsAtOnce))
        return Array(all.prefix(Self.readingsAtOnce))
    }

    func read(_ request: AttachRequest, after position: Position, for subscription: SubscriptionID) {
        if case .flow(let flow) = request.stream {
            return read(FlowReading(flow: flow, request: request, after: position, subscription: subscription))
        }
        let (worker, reader) = (self.worker, self.reader)
        worker.spawn {
            await TenantContext.with(request.tenant) {
                await worker.read(request, after: position, for: subscription, reader)
            }
        }
    }

    private func read(_ reading: FlowReading) {
        let tenant = reading.request.tenant
        guard waiting[tenant] == nil else {
            waiting[tenant]?.append(reading)
            return
        }
        waiting[tenant] = [reading]
        let (worker, reader) = (self.worker, self.reader)
        worker.spawn { await TenantContext.with(tenant) { await worker.readAll(of: tenant, reader) } }
    }

    func lookLater(_ key: StreamKey, afterFailure: Bool) {
        guard !afterFailure else { return tell(after: .seconds(1)) { $0.lookAround(key) } }
        // One look serves all who asked meanwhile.
        guard looking.insert(key).inserted else { return }
        tell(after: .milliseconds(10), { [weak self] in self?.looking.remove(key) }) { $0.lookAround(key) }
    }

    func serveLater(_ key: StreamKey, isUnderWay: Bool) {
        tell(after: isUnderWay ? .zero : Self.turn) { $0.serve(key) }
    }

    /// How often slow subscribers of a stream are served: each turn folds once for each position at which one of them stands,
    /// and these are the ends of earlier turns.
    private static let turn = Duration.milliseconds(50)

    private func tell(
        after delay: Duration,
        _ before: @escaping () -> Void = {},
        _ message: @escaping @Sendable (StreamHub) -> Void
    ) {
        let worker = self.worker
        loop.schedule(after: delay) {
            before()
            worker.post { $0.attachment(StreamHub.self).map(message) }
        }
    }
}

/// Entries of a flow that are to be read for a subscription.
struct FlowReading: Sendable {
    let flow: FlowID
    let request: AttachRequest
    let after: Position
    let subscription: SubscriptionID
}

extension Worker {
    /// Reads for a tenant as long as something waits.
    fileprivate func readAll(of tenant: TenantID, _ reader: StreamReader) async {
        while let readings = attachment(StoreSource.self)?.nextReadings(of: tenant) {
            let pages = try? await reader.entries(readings.map { ($0.flow, $0.request, $0.after) })
            for (number, reading) in readings.enumerated() {
                let answer = pages.map { Result<StreamPage, AttachError>.success($0[number]) } ?? .failure(.unavailable)
                attachment(StreamHub.self)?.read(reading.subscription, reading.request.key, answer)
            }
        }
    }

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
