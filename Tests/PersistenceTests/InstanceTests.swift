import Persistence
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed")) struct InstanceTests {
    @Test func theApplicationMayAskForTheNameAndCopiesHaveOthers() async throws {
        let database = try await TestDatabase.make()
        let name = try await database.store.instanceName()
        let again = try await database.store.instanceName()
        #expect(name == again)
        #expect(name.split(separator: ":").count == 3 && name.allSatisfy { $0.isNumber || $0 == ":" })
        let copy = try await TestDatabase.make()
        #expect(try await copy.store.instanceName() != name)
    }
}
