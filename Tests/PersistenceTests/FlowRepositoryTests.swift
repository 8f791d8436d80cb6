import Domain
import JSON
import Persistence
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct FlowRepositoryTests {
    let tenants: TwoTenants

    init() async throws { tenants = try await .make() }

    @Test func aFlowComesBackAsItWasStored() async throws {
        let flow = Flow.sample()
        let found = try await tenants.store.transaction(as: tenants.a.id) { store in
            try await store.flows.insert(flow)
            return try await store.flows.find(flow.id, locked: true)
        }
        #expect(found == flow)
        #expect(found?.state.text == flow.state.text)
    }

    @Test func onlyTheExpectedVersionIsWritten() async throws {
        let original = Flow.sample()
        let id = original.id
        var changed = original
        changed.seq = 1
        changed.status = .waiting
        changed.phase = nil
        changed.state = ["now": true]
        changed.run = nil
        changed.openPrompts = 1
        changed.updatedAt = original.updatedAt.adding(seconds: 1)
        let event = FlowEvent(seq: 1, event: ["type": "CUSTOM"], patch: nil, digest: nil)
        let (first, other) = (CommitID.generate(), CommitID.generate())
        let changes = [
            FlowVersion(seq: 1, commit: nil), FlowVersion(seq: 0, commit: other), FlowVersion(seq: 0, commit: nil),
            FlowVersion(seq: 0, commit: nil),
        ].map { FlowChange.sample(changed, from: $0, events: [event]) }
        let (results, version, happened) = try await tenants.store.transaction(as: tenants.a.id) { store in
            try await store.flows.insert(original)
            var results: [Bool] = []
            for (change, commit) in zip(changes, [other, other, first, other]) {
                results.append(try await store.flows.commit([change], as: commit).contains(id))
            }
            return (
                results, try await store.flows.lock(id),
                try await store.flows.happened([
                    CommitMark(flow: id, seq: 1, commit: first), CommitMark(flow: id, seq: 1, commit: other),
                    CommitMark(flow: id, seq: 2, commit: first),
                ])
            )
        }
        #expect(results == [false, false, true, false])
        #expect(version == FlowVersion(seq: 1, commit: first))
        #expect(happened == [CommitMark(flow: id, seq: 1, commit: first)])
        let (found, events) = try await tenants.store.transaction(as: tenants.a.id, .snapshot) {
            (try await $0.flows.find(id, locked: false), try await $0.flows.events(of: id, after: 0, limit: 9))
        }
        #expect(found == changes[2].flow)
        #expect(events == [event])
    }

    @Test func aStateThatDidNotChangeIsLeftAsItIs() async throws {
        let original = Flow.sample()
        var changed = original
        changed.seq = 1
        changed.state = ["not": "written"]
        let event = FlowEvent(seq: 1, event: ["type": "CUSTOM"], patch: nil, digest: nil)
        let change = FlowChange(
            flow: changed,
            isStateChanged: false,
            expected: FlowVersion(seq: 0, commit: nil),
            events: [AppendedEvent(event: event, actor: "ada", at: .sample)],
            line: nil
        )
        let found = try await tenants.store.transaction(as: tenants.a.id) { store in
            try await store.flows.insert(original)
            _ = try await store.flows.commit([change], as: .generate())
            return try await store.flows.find(original.id, locked: false)
        }
        #expect(found?.state == original.state)
        #expect(found?.seq == 1)
    }

    @Test func manyFlowsAreCommittedAtOnceAndThoseThatMovedAreNot() async throws {
        let flows = (0..<300).map { _ in Flow.sample() }
        let event = FlowEvent(seq: 1, event: ["type": "CUSTOM"], patch: nil, digest: nil)
        let changes = flows.enumerated().map { index, flow in
            FlowChange.sample(
                flow,
                from: FlowVersion(seq: index.isMultiple(of: 7) ? 4 : 0, commit: nil),
                events: [event]
            )
        }
        let (store, tenant) = (tenants.store, tenants.a.id)
        try await store.transaction(as: tenant) { for flow in flows { try await $0.flows.insert(flow) } }
        let receipt = try await store.commit(changes, of: tenant, as: .generate())
        let expected = flows.enumerated().filter { !$0.offset.isMultiple(of: 7) }.map(\.element.id)
        #expect(receipt == CommitReceipt(flows: Set(expected), lines: []))
        let records = try await store.transaction(as: tenant, .snapshot) {
            try await $0.flows.records(of: flows.map(\.id), locked: false)
        }
        #expect(Set(records.filter { $0.flow.seq == 1 }.map(\.flow.id)) == Set(expected))
        #expect(records.count == flows.count)
    }

    @Test func listsAreNewestFirstAndPagesJoinWithoutGaps() async throws {
        let flows = (0..<9).map { index in
            Flow.sample(
                type: index.isMultiple(of: 2) ? "discovery" : "other",
                status: index < 3 ? .failed : .running,
                // Three share each time: the id decides among them.
                at: Timestamp.sample.adding(seconds: Int64(index / 3))
            )
        }
        try await tenants.store.transaction(as: tenants.a.id) { store in
            for flow in flows { try await store.flows.insert(flow) }
        }
        let newest = flows.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }.map(\.id)
        let store = tenants.store
        let tenant = tenants.a.id
        for limit in [1, 2, 4, 9, 20] {
            let listed = try await allPages { cursor in
                try await store.transaction(as: tenant, .snapshot) {
                    try await $0.flows.list(status: nil, type: nil, limit: limit, cursor: cursor)
                }
            }
            #expect(listed.map(\.id) == newest)
            #expect(listed.allSatisfy { $0.state == [:] })
        }
        let failed = try await store.transaction(as: tenant, .snapshot) {
            try await $0.flows.list(status: .failed, type: "discovery", limit: 10, cursor: nil)
        }
        #expect(failed?.items.count == 2)
        #expect(failed?.next == nil)
    }

    @Test(arguments: ["", "x", "!!!", "AAAA", "MTIzHzQ1Ng", "\0"])
    func anUnusableCursorGivesNothing(cursor: String) async throws {
        let (flows, prompts, audit, assets) = try await tenants.store.transaction(as: tenants.a.id, .snapshot) {
            store in
            (
                try await store.flows.list(status: nil, type: nil, limit: 1, cursor: cursor) == nil,
                try await store.prompts.list(flow: nil, status: nil, pendingOnly: false, limit: 1, cursor: cursor)
                    == nil,
                try await store.audit.list(action: nil, subject: nil, limit: 1, cursor: cursor) == nil,
                try await store.assets.list(
                    query: nil,
                    environment: nil,
                    type: nil,
                    flow: nil,
                    limit: 1,
                    cursor: cursor
                ) == nil
            )
        }
        #expect(flows && prompts && audit && assets)
    }

    @Test func eventsComeBackInOrder() async throws {
        let flow = Flow.sample()
        let events = (1...5).map { seq in
            FlowEvent(
                seq: Int64(seq),
                event: ["type": "CUSTOM", "value": JSON("text \"\(seq)\" \\ ü\u{0}")],
                patch: seq == 2 ? ["op"] : nil,
                digest: seq == 3 ? "00ff" : nil
            )
        }
        let store = tenants.store
        try await store.transaction(as: tenants.a.id) { store in
            try await store.flows.insert(flow)
            #expect(try await store.flows.append(Array(events[..<2]), to: flow))
            #expect(try await store.flows.append(Array(events[2...]), to: flow))
        }
        let (all, some, bytes) = try await store.transaction(as: tenants.a.id, .snapshot) { store in
            (
                try await store.flows.events(of: flow.id, after: 0, limit: 100),
                try await store.flows.events(of: flow.id, after: 1, limit: 2),
                try await store.flows.eventBytes(of: flow.id, after: 1)
            )
        }
        #expect(all == events)
        #expect(some == Array(events[1...2]))
        let expected = events[1...].reduce(0) { $0 + $1.event.text.utf8.count + ($1.patch?.text.utf8.count ?? 0) }
        #expect(bytes == Int64(expected))
    }

    @Test func aPageEndsWithTheEventThatReachesItsBytes() async throws {
        let flow = Flow.sample()
        let events = (1...5).map { FlowEvent(seq: $0, event: ["type": "CUSTOM"], patch: nil, digest: nil) }
        let size = events[0].event.text.utf8.count
        let store = tenants.store
        try await store.transaction(as: tenants.a.id) { store in
            try await store.flows.insert(flow)
            #expect(try await store.flows.append(events, to: flow))
        }
        for (bytes, count) in [(1, 1), (size, 1), (size + 1, 2), (3 * size, 3), (100 * size, 4)] {
            let page = try await store.transaction(as: tenants.a.id, .snapshot) { store in
                try await store.flows.events(of: flow.id, after: 1, limit: 4, bytes: bytes)
            }
            #expect(page.map(\.seq) == (2..<(2 + count)).map(Int64.init), "\(bytes) bytes")
        }
    }

    @Test func aPositionIsTakenOnce() async throws {
        let flow = Flow.sample()
        let event = FlowEvent(seq: 1, event: ["type": "CUSTOM"], patch: nil, digest: nil)
        await #expect(throws: StoreError.duplicate("flow_events_first_pkey")) {
            try await tenants.store.transaction(as: tenants.a.id) { store in
                try await store.flows.insert(flow)
                _ = try await store.flows.append([event, event], to: flow)
            }
        }
    }

    @Test func theJournalKeepsTheOrderOfFirstStarts() async throws {
        let flow = Flow.sample()
        @Sendable func step(_ name: String, _ status: StepStatus, attempt: Int = 1, at seconds: Int64) -> StepRecord {
            StepRecord(
                StepKey(name),
                status: status,
                attempt: attempt,
                result: status == .done ? ["ok": .null] : nil,
                error: status == .failed ? "boom" : nil,
                startedAt: Timestamp.sample.adding(seconds: seconds),
                finishedAt: status == .running ? nil : Timestamp.sample.adding(seconds: seconds + 1)
            )
        }
        let journal = try await tenants.store.transaction(as: tenants.a.id) { store in
            try await store.flows.insert(flow)
            try await store.flows.save(step("second", .running, at: 5), of: flow.id)
            try await store.flows.save(step("first", .running, at: 1), of: flow.id)
            try await store.flows.save(step("first", .failed, attempt: 2, at: 9), of: flow.id)
            try await store.flows.save(step("second", .done, at: 5), of: flow.id)
            return try await store.flows.steps(of: flow.id)
        }
        #expect(journal == [step("first", .failed, attempt: 2, at: 9), step("second", .done, at: 5)])
    }
}
