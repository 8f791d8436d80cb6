import Testing

@testable import signalbox

struct DescriptorBudgetTests {
    @Test(arguments: [
        (limit: 1024, workers: 2, databaseConnections: 4, connections: 936),
        (65_536, 8, 4, 65_376), (100, 4, 64, 1),
    ])
    func theDatabaseHasItsOwn(limit: Int, workers: Int, databaseConnections: Int, connections: Int) {
        let left = DescriptorBudget.connections(
            limit: limit,
            workers: workers,
            databaseConnections: databaseConnections
        )
        #expect(left == connections)
    }
}
