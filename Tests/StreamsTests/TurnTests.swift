import Domain
import JSON
import Testing

@testable import Streams

/// Subscribers that cannot keep up are served together.
struct TurnTests {
    private static let key = StreamKey(tenant: .generate(), stream: .flow(.generate()), filter: nil)

    /// Takes one entry and then wants no more, unless it is hungry.
    private final class Sipper: StreamSubscriber {
        var isHungry = false
        var entries: [StreamEntry] = []

        func streamAttached(_ reply: AttachReply, _ subscription: Subscription) -> Bool { true }

        func streamDeliver(_ entry: StreamEntry, _ subscription: Subscription) -> Bool {
            entries.append(entry)
            return isHungry
        }

        func streamReplaced(_ snapshot: StreamSnapshot, _ subscription: Subscription) -> Bool { false }
        func streamEnded(_ error: AttachError, _ subscription: Subscription) {}
    }

    /// Notes what is asked of it.
    private final class Source: StreamSource {
        var found: [SubscriptionID] = []
        var (turns, shares) = (0, 0)

        func find(_ request: AttachRequest, for subscription: SubscriptionID) { found.append(subscription) }
        func read(_ request: AttachRequest, after position: Position, for subscription: SubscriptionID) {}
        func lookLater(_ key: StreamKey, afterFailure: Bool) {}
        func serveLater(_ key: StreamKey, isUnderWay: Bool) {
            if isUnderWay { shares += 1 } else { turns += 1 }
        }
    }

    private let source = Source()
    private let registry = StreamRegistry()
    private let hub: StreamHub

    init() { hub = StreamHub(registry: registry, source: source) }

    private func subscribe(_ sipper: Sipper, interest: AttachRequest.Interest = .document) throws -> Subscription {
        let (tenant, stream) = (Self.key.tenant, Self.key.stream)
        let request = AttachRequest(tenant: tenant, stream: stream, since: nil, filter: nil, interest: interest)
        let subscription = hub.subscribe(request, sipper)
        let start = StreamSnapshot(stream: stream, position: Position(epoch: "e", seq: 0), document: [:])
        let id = try #require(source.found.last)
        hub.found(id, .success(AttachReply(snapshot: start)))
        return subscription
    }

    private func commit(_ seq: Int64) throws {
        let entry = StreamEntry(
            stream: Self.key.stream,
            position: Position(epoch: "e", seq: seq),
            event: ["type": "STATE_DELTA", "delta": [["op": "add", "path": "/n", "value": JSON(Int(seq))]]],
            patch: nil,
            digest: nil
        )
        try #require(registry.logs.log(of: Self.key)).take([entry])
        hub.advance(Self.key, to: seq)
    }

    @Test func whatIsFoldedForOneIsFoldedForAllWhoStandThere() throws {
        let (first, second, third) = (Sipper(), Sipper(), Sipper())
        let subscriptions = try [first, second, third].map { try subscribe($0) }
        for seq in 1...3 { try commit(Int64(seq)) }
        hub.resume(subscriptions[0])
        for seq in 4...6 { try commit(Int64(seq)) }
        hub.resume(subscriptions[1])
        hub.resume(subscriptions[2])
        #expect(source.turns == 1 && first.entries.count == 1)
        hub.serve(Self.key)
        let folded = try #require(first.entries.last)
        #expect(folded.since == 1 && folded.position.seq == 6)
        #expect(second.entries.last === folded && third.entries.last === folded)
    }

    @Test func whoLacksOneEntryOrWantsAllOfThemDoesNotWait() throws {
        let (quick, exact) = (Sipper(), Sipper())
        let subscriptions = [try subscribe(quick), try subscribe(exact, interest: .everyEvent)]
        for seq in 1...2 { try commit(Int64(seq)) }
        hub.resume(subscriptions[0])
        #expect(quick.entries.map(\.position.seq) == [1, 2])
        try commit(3)
        hub.resume(subscriptions[1])
        #expect(exact.entries.map(\.position.seq) == [1, 2])
        #expect(source.turns == 0)
    }

    @Test func othersHaveTheirTurnBetweenManyWhoAreDue() throws {
        let sippers = (0..<100).map { _ in Sipper() }
        let subscriptions = try sippers.map { try subscribe($0) }
        for seq in 1...3 { try commit(Int64(seq)) }
        for subscription in subscriptions { hub.resume(subscription) }
        func served() -> Int { sippers.count { $0.entries.last?.position.seq == 3 } }
        hub.serve(Self.key)
        #expect(served() == StreamHub.share && source.turns == 1 && source.shares == 1)
        while served() < 100 {
            let before = served()
            hub.serve(Self.key)
            try #require(served() > before)
        }
        #expect(source.turns == 1)
    }

    @Test func whoCouldNotKeepUpGoesOnInTurnsForAWhile() throws {
        let sipper = Sipper()
        let subscription = try subscribe(sipper)
        for seq in 1...3 { try commit(Int64(seq)) }
        sipper.isHungry = true
        hub.resume(subscription)
        hub.serve(Self.key)
        #expect(sipper.entries.map(\.position.seq) == [1, 3])
        for seq in 4...6 { try commit(Int64(seq)) }
        #expect(sipper.entries.count == 2)
        hub.serve(Self.key)
        #expect(sipper.entries.map(\.position.seq) == [1, 3, 6])
        // Each turn asks for the next one, until it has kept up for long enough.
        while source.turns > 0 {
            source.turns = 0
            hub.serve(Self.key)
        }
        try commit(7)
        #expect(sipper.entries.last?.position.seq == 7)
    }

    @Test func whoLeavesBeforeTheTurnIsForgotten() throws {
        let sipper = Sipper()
        let subscription = try subscribe(sipper)
        for seq in 1...3 { try commit(Int64(seq)) }
        hub.resume(subscription)
        hub.remove(subscription)
        hub.serve(Self.key)
        #expect(sipper.entries.map(\.position.seq) == [1])
    }

    @Test func foldingGoesOnFromWhatOthersFurtherOnGot() throws {
        let entries = (1...6).map { seq in
            StreamEntry(
                stream: Self.key.stream,
                position: Position(epoch: "e", seq: Int64(seq)),
                event: ["type": "STATE_DELTA", "delta": [["op": "add", "path": "/\(seq % 2)a", "value": JSON(seq)]]],
                patch: seq == 5 ? [["op": "replace", "path": "/flow/phase", "value": "b"]] : nil,
                digest: nil
            )
        }
        var conflations = Conflations(limits: .init())
        let later = conflations.folding(Array(entries[3...]), after: 3)
        let whole = conflations.folding(entries, after: 0)
        let alone = Conflation.conflate(entries)
        #expect(later.count == 1 && whole.count == 1 && whole.first?.since == 0)
        #expect(whole.first?.event == alone.first?.event && whole.first?.patch == alone.first?.patch)
    }
}
