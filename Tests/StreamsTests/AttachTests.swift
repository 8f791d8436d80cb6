import Approvals
import Domain
import FlowSupport
import Flows
import JSON
import Ledger
import Locking
import Reactor
import TestSupport
import Testing

@testable import Streams

/// A client: holds a document by applying what it is sent, and notes every position.
private final class Client: StreamSubscriber {
    let seen: Seen
    /// Takes this many entries and then pauses.
    var appetite = Int.max

    init(_ seen: Seen) { self.seen = seen }

    func streamAttached(_ reply: AttachReply, _ subscription: Subscription) -> Bool {
        seen.attached(reply)
        return true
    }

    func streamReplaced(_ snapshot: StreamSnapshot, _ subscription: Subscription) -> Bool {
        seen.take(snapshot)
        return true
    }

    func streamDeliver(_ entry: StreamEntry, _ subscription: Subscription) -> Bool {
        seen.deliver(entry)
        appetite -= 1
        return appetite > 0
    }

    func streamEnded(_ error: AttachError, _ subscription: Subscription) { seen.ended(error) }
}

/// What a client holds, readable from the test.
private final class Seen: Sendable {
    struct Content {
        var document: JSON = .null
        var seq: Int64 = 0
        var epoch = ""
        var gaps = 0
        var entries = 0
        /// Of all entries, in serialised form.
        var entryBytes = 0
        var isAttached = false
        var wasSnapshot = false
        var error: AttachError?
    }

    private let content = Mutex(Content())

    var now: Content { content.withLock { $0 } }

    func start(from other: Content) { content.withLock { $0 = other } }

    func take(_ snapshot: StreamSnapshot) {
        content.withLock { content in
            content.document = snapshot.document
            content.seq = snapshot.position.seq
            content.epoch = snapshot.position.epoch
        }
    }

    func attached(_ reply: AttachReply) {
        content.withLock { content in
            if let snapshot = reply.snapshot { content.document = snapshot.document }
            content.wasSnapshot = reply.snapshot != nil
            content.seq = reply.position.seq
            content.epoch = reply.position.epoch
            content.isAttached = true
        }
    }

    func deliver(_ entry: StreamEntry) {
        content.withLock { content in
            if entry.since != content.seq { content.gaps += 1 }
            content.seq = entry.position.seq
            content.entries += 1
            content.entryBytes += entry.byteCount
            do {
                content.document = try entry.applied(to: content.document)
            } catch {
                content.gaps += 1000
            }
        }
    }

    func ended(_ error: AttachError) { content.withLock { $0.error = error } }
}

/// Keeps a client alive on its loop.
private final class ClientBox {
    var clients: [Client] = []
}

@Suite(.enabled(if: PostgresCluster.isAvailable)) struct AttachTests {
    private struct World {
        let database: TestDatabase
        let streams: Streams
        let bench: FlowBench
        let workers: WorkerGroup
        let worker: Worker

        init() async throws {
            database = try await TestDatabase.make()
            // A loop has one hub, so each test has loops of its own.
            workers = try WorkerGroup(count: 2)
            streams = await Streams(workers: workers, store: database.store)
            bench = try await FlowBench(
                database,
                tenant: try await database.makeTenant(),
                registry: FlowRegistry(),
                publisher: streams
            )
            worker = workers.workers[0]
        }

        func attach(_ stream: StreamName, since: Seen.Content? = nil, filter: ViewFilter? = nil, appetite: Int = .max)
            async throws -> Seen
        {
            let seen = Seen()
            if let since { seen.start(from: since) }
            let request = AttachRequest(
                tenant: bench.tenant.id,
                stream: stream,
                since: since.map { Position(epoch: $0.epoch, seq: $0.seq) },
                filter: filter
            )
            await worker.run { worker in
                let client = Client(seen)
                client.appetite = appetite
                let box = worker.attachment(ClientBox.self) ?? ClientBox()
                box.clients.append(client)
                worker.attach(box)
                _ = worker.attachment(StreamHub.self)?.subscribe(request, client)
            }
            while !seen.now.isAttached, seen.now.error == nil { await worker.sleep(for: .milliseconds(1)) }
            if let error = seen.now.error { throw error }
            return seen
        }

        func patch(_ flow: Flow, _ n: Int) async throws {
            let patch = try JSONPatch(json: [["op": "add", "path": JSON("/k\(n % 17)"), "value": JSON(n)]])
            _ = try await bench.within {
                try await bench.commands.change(
                    flow.id,
                    .patch(patch),
                    ifSeq: nil,
                    by: bench.principal("bot", [.agent])
                )
            }
        }

        func stop() async {
            await bench.stop()
            workers.shutDown()
        }

        func settle(_ seen: Seen, at seq: Int64) async throws {
            let deadline = ContinuousClock.now + .seconds(30)
            while seen.now.seq < seq, ContinuousClock.now < deadline { await worker.sleep(for: .milliseconds(5)) }
            #expect(seen.now.seq == seq)
        }
    }

    @Test func attachingInTheMiddleOfABurstHasNoGap() async throws {
        let world = try await World()
        let flow = try await world.bench.start(Flow.externalType)
        async let burst: Void = {
            for n in 0..<120 { try await world.patch(flow, n) }
        }()
        var clients: [Seen] = []
        for _ in 0..<12 {
            clients.append(try await world.attach(.flow(flow.id)))
            await world.worker.sleep(for: .milliseconds(10))
        }
        try await burst
        let stored = try await world.bench.flow(flow.id)
        for client in clients {
            try await world.settle(client, at: stored.seq)
            #expect(client.now.gaps == 0)
            #expect(client.now.document["state"] == stored.state)
        }
        await world.stop()
    }

    @Test func aReturningClientGetsWhatItMissedAndTheSameDocument() async throws {
        let world = try await World()
        let flow = try await world.bench.start(Flow.externalType)
        let big = JSON(String(repeating: "x", count: 5000))
        let patch = try JSONPatch(json: [["op": "add", "path": "/big", "value": big]])
        _ = try await world.bench.within {
            try await world.bench.commands.change(
                flow.id,
                .patch(patch),
                ifSeq: nil,
                by: world.bench.principal("bot", [.agent])
            )
        }
        let first = try await world.attach(.flow(flow.id))
        let held = first.now
        for n in 0..<5 { try await world.patch(flow, n) }
        let back = try await world.attach(.flow(flow.id), since: held)
        let stored = try await world.bench.flow(flow.id)
        try await world.settle(back, at: stored.seq)
        #expect(!back.now.wasSnapshot)
        #expect(back.now.gaps == 0)
        #expect(back.now.document["state"] == stored.state)

        for n in 0..<200 { try await world.patch(flow, n) }
        let late = try await world.attach(.flow(flow.id), since: held)
        let end = try await world.bench.flow(flow.id)
        try await world.settle(late, at: end.seq)
        #expect(!late.now.wasSnapshot && late.now.entries < 100, "Folded, the patches are shorter than the document.")
        #expect(late.now.document["state"] == end.state)

        let removal = try JSONPatch(json: [["op": "remove", "path": "/big"]])
        let agent = world.bench.principal("bot", [.agent])
        for n in 0..<40 {
            let name = JSON("/only for a while \(n)")
            let addition = try JSONPatch(json: [["op": "add", "path": name, "value": 1]])
            _ = try await world.bench.within {
                try await world.bench.commands.change(flow.id, .patch(addition), ifSeq: nil, by: agent)
            }
        }
        _ = try await world.bench.within {
            try await world.bench.commands.change(flow.id, .patch(removal), ifSeq: nil, by: agent)
        }
        _ = try await world.bench.within {
            try await world.bench.commands.change(flow.id, .replace([:]), ifSeq: nil, by: agent)
        }
        let last = try await world.attach(.flow(flow.id), since: held)
        // The document may be a little older than the last commit, and what is missing follows.
        try await world.settle(last, at: try await world.bench.flow(flow.id).seq)
        #expect(
            last.now.wasSnapshot || last.now.entryBytes <= last.now.document.serializedSize(),
            "More patches than document: the document, unless what they come to is shorter still."
        )
        #expect(last.now.document["state"] == [:])
        await world.stop()
    }

    @Test func aPositionOfAnotherEpochGetsTheDocument() async throws {
        let world = try await World()
        let flow = try await world.bench.start(Flow.externalType)
        var held = try await world.attach(.flow(flow.id)).now
        held.epoch = "another"
        #expect(try await world.attach(.flow(flow.id), since: held).now.wasSnapshot)
        held.epoch = flow.epoch
        held.seq = 99
        #expect(try await world.attach(.flow(flow.id), since: held).now.wasSnapshot)
        await world.stop()
    }

    @Test func theListsFollowEveryCommitAsTheirFiltersAllow() async throws {
        let world = try await World()
        let all = try await world.attach(.flows, filter: .flows(status: nil, type: nil))
        let waiting = try await world.attach(.flows, filter: .flows(status: .waiting, type: nil))
        let inbox = try await world.attach(.prompts, filter: .prompts(subject: "rita", roles: [.reviewer]))
        let viewer = try await world.attach(.prompts, filter: .prompts(subject: "vic", roles: [.viewer]))
        let flow = try await world.bench.start(Flow.externalType)
        let prompt = try await world.bench.within {
            try await world.bench.approvals.ask(
                PromptDraft(kind: .confirmation, title: "?", message: "", shown: [:], allowed: [.approve]),
                step: "s",
                flow: flow.id,
                by: world.bench.principal("bot", [.agent]),
                channel: "test"
            )
        }
        try await world.settle(all, at: 2)
        try await world.settle(waiting, at: 2)
        try await world.settle(inbox, at: 1)
        try await world.settle(viewer, at: 1)
        #expect(all.now.document["items"]?[flow.id.text]?["status"] == "waiting")
        #expect(waiting.now.document["items"]?.object?.count == 1)
        #expect(inbox.now.document["items"]?[prompt.id.text]?["title"] == "?")
        #expect(viewer.now.document == ["items": [:]])

        try await world.bench.decide(prompt, .approve)
        try await world.settle(waiting, at: 3)
        try await world.settle(inbox, at: 2)
        #expect(waiting.now.document == ["items": [:]])
        #expect(inbox.now.document == ["items": [:]])
        #expect([all, waiting, inbox, viewer].allSatisfy { $0.now.gaps == 0 })
        // Somebody who comes later sees the same.
        let late = try await world.attach(.flows, filter: .flows(status: nil, type: nil))
        #expect(late.now.document == all.now.document)
        await world.stop()
    }

    @Test func aSlowClientMissesNothingAndHoldsNothingUp() async throws {
        let world = try await World()
        let flow = try await world.bench.start(Flow.externalType)
        let slow = try await world.attach(.flow(flow.id), appetite: 3)
        let quick = try await world.attach(.flow(flow.id))
        for n in 0..<50 { try await world.patch(flow, n) }
        let stored = try await world.bench.flow(flow.id)
        try await world.settle(quick, at: stored.seq)
        #expect(slow.now.seq == 4)
        #expect(slow.now.gaps == 0)
        await world.stop()
    }

    @Test func whatAnotherProcessCommitsArrivesByItsNotification() async throws {
        let world = try await World()
        let other = try await FlowBench(world.database, tenant: world.bench.tenant, registry: FlowRegistry())
        let flow = try await world.bench.start(Flow.externalType)
        let client = try await world.attach(.flow(flow.id))
        for n in 0..<5 {
            let patch = try JSONPatch(json: [["op": "add", "path": "/n", "value": JSON(n)]])
            _ = try await other.within {
                try await other.commands.change(flow.id, .patch(patch), ifSeq: nil, by: other.principal("b", [.agent]))
            }
        }
        world.streams.heard(.stream(tenant: world.bench.tenant.id, stream: .flow(flow.id), seq: 6))
        try await world.settle(client, at: 6)
        #expect(client.now.document["state"] == ["n": 4])
        #expect(client.now.gaps == 0)
        await other.stop()
        await world.stop()
    }

    @Test func aStreamThatIsNotThereIsSaidSo() async throws {
        let world = try await World()
        await #expect(throws: AttachError.noSuchStream) { try await world.attach(.flow(.generate())) }
        await world.stop()
    }
}
