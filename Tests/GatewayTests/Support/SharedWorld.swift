import Domain

/// One world for tests that leave nothing behind that another could trip over.
enum SharedWorld {
    private actor Keeper {
        private var making: Task<World, any Error>?

        func world() async throws -> World {
            if let making { return try await making.value }
            let task = Task { try await World.make() }
            making = task
            return try await task.value
        }
    }

    private static let keeper = Keeper()

    static func run(_ body: (World) async throws -> Void) async throws { try await body(try await keeper.world()) }
}
