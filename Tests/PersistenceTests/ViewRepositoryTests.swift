import Domain
import JSON
import Persistence
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct ViewRepositoryTests {
    private struct Refusal: Error {}

    @Test func positionsHaveNoGapsAndFollowTheCommits() async throws {
        let tenants = try await TwoTenants.make()
        let store = tenants.store
        let tenant = tenants.a.id
        let before = try await store.transaction(as: tenant, .snapshot) { try await $0.views.position(of: .flows) }
        #expect(before.seq == 0)

        let positions = try await withThrowingTaskGroup(of: Int64?.self) { group in
            for number in 0..<120 {
                group.addTask {
                    do {
                        return try await store.transaction(as: tenant) { store in
                            let change = try await store.views.append(
                                .flows,
                                item: "item-\(number)",
                                after: ["n": JSON(number)]
                            )
                            // A position that is rolled back is given to the next.
                            if number.isMultiple(of: 5) { throw Refusal() }
                            return change.seq
                        }
                    } catch is Refusal {
                        return nil
                    }
                }
            }
            return try await group.reduce(into: [Int64]()) { if let seq = $1 { $0.append(seq) } }
        }
        #expect(positions.sorted() == Array(1...96))

        let (after, changes, other) = try await store.transaction(as: tenant, .snapshot) { store in
            (
                try await store.views.position(of: .flows),
                try await store.views.changes(of: .flows, after: 0, limit: 500),
                try await store.views.position(of: .prompts)
            )
        }
        #expect(after == Position(epoch: before.epoch, seq: 96))
        #expect(changes.map(\.seq) == Array(1...96))
        #expect(other.seq == 0)
    }

    @Test func changesComeBackAsTheyWereAppended() async throws {
        let tenants = try await TwoTenants.make()
        let (appended, read) = try await tenants.store.transaction(as: tenants.a.id) { store in
            let first = try await store.views.append(.prompts, item: "a", after: ["x": 1])
            let appended = try await store.views.append(
                [
                    ItemChange(item: "a", before: ["x": 1], after: .null),
                    ItemChange(item: "a", before: ["x": 1], after: nil),
                ],
                to: .prompts
            )
            #expect([first.seq] + appended.map(\.seq) == [1, 2, 3])
            return (appended, try await store.views.changes(of: .prompts, after: 1, limit: 10))
        }
        #expect(read == appended)
    }
}
