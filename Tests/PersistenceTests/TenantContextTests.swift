import Domain
import Persistence
import Reactor
import TestSupport
import Testing

/// The tenant comes from the task and from nowhere else.
@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct TenantContextTests {
    let tenants: TwoTenants

    init() async throws { tenants = try await .make() }

    @Test func withoutATenantNothingReachesTheDatabase() async throws {
        let store = tenants.store
        await #expect(throws: NoTenant.self) { try await store.transaction(.snapshot) { _ in } }
        await #expect(throws: NoTenant.self) { try await store.transaction { _ in } }
        await #expect(throws: NoTenant.self) { try await store.commit([], as: .generate()) }
        #expect(throws: NoTenant.self) { try TenantContext.current }
    }

    @Test func theInnermostTenantCountsAndOnlyWithin() async throws {
        let store = tenants.store
        let seen = try await TenantContext.with(tenants.a.id) {
            let outer = try await store.transaction { $0.tenant }
            let inner = try await TenantContext.with(tenants.b.id) { try await store.transaction { $0.tenant } }
            let again = try await store.transaction { $0.tenant }
            return [outer, inner, again]
        }
        #expect(seen == [tenants.a.id, tenants.b.id, tenants.a.id])
        #expect(throws: NoTenant.self) { try TenantContext.current }
    }

    /// What a request sets in motion and outlives it must not go on in its name.
    @Test func aTaskOfAWorkerBeginsWithoutOne() async throws {
        let outcome = await TenantContext.with(tenants.a.id) {
            await withCheckedContinuation { (continuation: CheckedContinuation<TenantID?, Never>) in
                TestDatabase.workers.workers[0].spawn { continuation.resume(returning: try? TenantContext.current) }
            }
        }
        #expect(outcome == nil)
    }

    @Test func childTasksWorkForTheSame() async throws {
        let store = tenants.store
        let seen = try await TenantContext.with(tenants.b.id) {
            try await withThrowingTaskGroup(of: TenantID.self) { group in
                for _ in 0..<8 { group.addTask { try await store.transaction { $0.tenant } } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
        }
        #expect(seen == [tenants.b.id])
    }
}
