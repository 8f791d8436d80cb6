import Domain
import FlowSupport
import Flows
import JSON
import TestSupport
import Testing

/// The state of flows of the tests.
struct Tally: Codable, Sendable {
    var log: [String] = []
}

/// Something that fails.
struct Broken: Error, CustomStringConvertible {
    let description: String
    init(_ description: String = "it is broken") { self.description = description }
}

/// A registry with one type, `test`.
func registry(
    version: Int = 1,
    onFailure: FailurePolicy = .failFast,
    _ build: (FlowBuilder<Tally>) throws -> Void
) throws -> FlowRegistry {
    var registry = FlowRegistry()
    try registry.register(
        FlowDefinition<Tally>("test", version: version, onFailure: onFailure, initial: { _ in Tally() }, build)
    )
    return registry
}

extension FlowBench {
    /// A bench on a database of its own, whose registry has one type, `test`.
    static func of(
        onFailure: FailurePolicy = .failFast,
        limits: FlowEngine.Limits = FlowEngine.Limits(),
        _ build: (FlowBuilder<Tally>) throws -> Void
    ) async throws -> FlowBench {
        try await of(registry(onFailure: onFailure, build), limits: limits)
    }

    /// A bench on a database of its own.
    static func of(_ registry: FlowRegistry, limits: FlowEngine.Limits = FlowEngine.Limits()) async throws -> FlowBench
    {
        let database = try await TestDatabase.make()
        let tenant = try await database.makeTenant()
        return try await FlowBench(database, tenant: tenant, registry: registry, limits: limits)
    }

    /// Another process on the same database.
    func another(_ registry: FlowRegistry, limits: FlowEngine.Limits = FlowEngine.Limits()) async throws -> FlowBench {
        try await FlowBench(database, tenant: tenant, registry: registry, limits: limits)
    }

    /// Starts a flow of type `test` and waits for its end.
    func run() async throws -> Flow {
        let flow = try await start("test")
        return try await wait(for: .succeeded, .failed, .cancelled, of: flow.id)
    }

    /// Folds the event log from the beginning; the state at its end must be the stored one, at positions without a gap, and
    /// runs and steps begin and end as AG-UI wants it.
    func expectWholeLog(_ id: FlowID, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let events = try await events(id)
        let flow = try await flow(id)
        #expect(events.map(\.seq) == Array(1...flow.seq), sourceLocation: sourceLocation)
        var state: JSON = [:]
        var (isRunning, active): (Bool, Set<String>) = (false, [])
        for event in events {
            let name = event.event["stepName"]?.string ?? ""
            switch event.event["type"]?.string {
            case "STATE_SNAPSHOT": state = event.event["snapshot"] ?? .null
            case "STATE_DELTA": state = try JSONPatch(json: event.event["delta"] ?? .null).apply(to: state)
            case "RUN_STARTED":
                #expect(!isRunning, "at \(event.seq)", sourceLocation: sourceLocation)
                isRunning = true
            case "RUN_FINISHED", "RUN_ERROR":
                #expect(isRunning && active.isEmpty, "at \(event.seq)", sourceLocation: sourceLocation)
                isRunning = false
            case "STEP_STARTED":
                let isNew = active.insert(name).inserted
                #expect(isRunning && isNew, "at \(event.seq)", sourceLocation: sourceLocation)
            case "STEP_FINISHED":
                #expect(active.remove(name) != nil, "at \(event.seq)", sourceLocation: sourceLocation)
            default: break
            }
            if let digest = event.digest { #expect(digest == state.digest, sourceLocation: sourceLocation) }
        }
        #expect(state == flow.state, sourceLocation: sourceLocation)
    }
}
