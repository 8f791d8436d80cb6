import Domain
import JSON
import Testing

@testable import Streams

/// Commits of other processes, as they come: in any order, with gaps, of another epoch.
struct ForeignCommitTests {
    private let registry = StreamRegistry()
    private let tenant = TenantID.generate()
    private let flow = FlowID.generate()
    private let key: StreamKey
    private let log: SharedLog

    init() {
        key = StreamKey(tenant: tenant, stream: .flow(flow), filter: nil)
        log = registry.logs.watch(key).log
    }

    private func commit(_ seqs: ClosedRange<Int64>, epoch: String = "a", tenant: TenantID? = nil) -> Committed {
        Committed(
            tenant: tenant ?? self.tenant,
            flow: flow,
            epoch: epoch,
            events: seqs.map { FlowEvent(seq: $0, event: ["n": 1], patch: nil, digest: nil) }
        )
    }

    private func told(_ committed: Committed) -> [Int64] { registry.takeForeign(committed).map(\.seq) }

    @Test func whatFollowsIsTold() {
        _ = log.anchor(at: Position(epoch: "a", seq: 4))
        #expect(told(commit(5...6)) == [6])
        #expect(told(commit(7...7)) == [7])
        // Known already: there is nothing to lose by saying it again.
        #expect(told(commit(5...6)) == [7])
        #expect(log.entries(after: Position(epoch: "a", seq: 4))?.map(\.position.seq) == [5, 6, 7])
    }

    @Test func nothingIsTakenBeforeItsForerunner() {
        _ = log.anchor(at: Position(epoch: "a", seq: 4))
        #expect(told(commit(7...8)) == [])
        #expect(log.end?.seq == 4)
        #expect(told(commit(5...5)) == [5])
        #expect(log.entries(after: Position(epoch: "a", seq: 4))?.map(\.position.seq) == [5])
        #expect(told(commit(6...6)) == [8])
        #expect(log.entries(after: Position(epoch: "a", seq: 4))?.map(\.position.seq) == [5, 6, 7, 8])
    }

    @Test func whatComesBeforeTheLogBeginsIsKeptForIt() {
        #expect(told(commit(5...6)) == [])
        #expect(log.anchor(at: Position(epoch: "a", seq: 4))?.seq == 6)
    }

    @Test func anotherEpochIsAnotherHistory() {
        _ = log.anchor(at: Position(epoch: "a", seq: 4))
        #expect(told(commit(5...6, epoch: "b")) == [])
        #expect(log.end == Position(epoch: "a", seq: 4))
        #expect(told(commit(5...5)) == [5])
        #expect(log.end?.seq == 5)
    }

    @Test func anotherEpochIsNotTakenEitherWhenItCameBeforeTheLogBegan() {
        #expect(told(commit(5...6, epoch: "b")) == [])
        #expect(log.anchor(at: Position(epoch: "a", seq: 4))?.seq == 4)
        #expect(told(commit(5...5)) == [5])
    }

    @Test func anotherTenantSeesNothing() {
        _ = log.anchor(at: Position(epoch: "a", seq: 4))
        #expect(told(commit(5...6, tenant: .generate())) == [])
        #expect(log.end?.seq == 4)
    }

    @Test func listsAreTakenAsEveryoneSeesThem() {
        let filter = ViewFilter.flows(status: nil, type: "a")
        let list = registry.logs.watch(StreamKey(tenant: tenant, stream: .flows, filter: filter)).log
        func change(_ seq: Int64) -> Committed {
            Committed(
                tenant: tenant,
                flows: [ViewChange(seq: seq, item: "x", before: nil, after: ["type": "a"])]
            )
        }
        #expect(told(change(3)) == [])
        _ = list.anchor(at: Position(epoch: "v", seq: 1))
        #expect(told(change(3)) == [])
        #expect(told(change(2)) == [3])
        #expect(list.end == Position(epoch: "v", seq: 3))
    }
}
