public import Domain

/// Time, chance and tasks as the engine uses them, so that all of it can run under a simulated clock and scheduler.
public struct FlowEnvironment: Sendable {
    /// The time now.
    public var now: @Sendable () -> Timestamp
    /// Returns at the time, or throws `CancellationError` when the task is cancelled before.
    public var sleep: @Sendable (Timestamp) async throws -> Void
    /// A number from 0 below 1.
    public var random: @Sendable () -> Double
    /// Starts a task that inherits nothing.
    public var spawn: @Sendable (@escaping @Sendable () async -> Void) -> Task<Void, Never>
    /// Where the bodies of steps run, which may block their threads; nil for where ``spawn`` runs tasks.
    public var bodies: (any TaskExecutor)?

    /// Creates the value.
    public init(
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Timestamp) async throws -> Void,
        random: @escaping @Sendable () -> Double,
        spawn: @escaping @Sendable (@escaping @Sendable () async -> Void) -> Task<Void, Never>,
        bodies: (any TaskExecutor)? = nil
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
        self.spawn = spawn
        self.bodies = bodies
    }

    /// The system's clock and chance, and Swift's global pool.
    public static let system = FlowEnvironment(
        now: { .now() },
        sleep: { time in
            let wait = time.microseconds - Timestamp.now().microseconds
            if wait > 0 { try await Task.sleep(for: .microseconds(wait)) }
        },
        random: { .random(in: 0..<1) },
        spawn: { body in Task.detached { await body() } }
    )

    /// As ``system``, with bodies on threads of their own.
    public static func system(bodies: any TaskExecutor) -> FlowEnvironment {
        var environment = system
        environment.bodies = bodies
        return environment
    }
}
