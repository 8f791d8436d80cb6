// FlowSupport: a process of Signalbox without its wires, on a real database, for tests of flows, approvals and streams.

public import Approvals
public import Domain
public import Flows
public import JSON
public import Ledger
import Locking
import Persistence
public import Reactor
public import TestSupport

/// Ledger, engine and approvals of one "process"; several may share a database.
public final class FlowBench: Sendable {
    /// The database.
    public let database: TestDatabase
    /// A tenant for the test.
    public let tenant: Tenant
    /// The only way flows change.
    public let ledger: Ledger
    /// Runs the flows.
    public let engine: FlowEngine
    /// Commands on flows.
    public let commands: FlowCommands
    /// Decides prompts.
    public let approvals: Approvals
    private let listener: StoreListener

    /// Starts a process on `database`: its engine takes work at once.
    public init(
        _ database: TestDatabase,
        tenant: Tenant,
        registry: FlowRegistry,
        publisher: any CommitPublisher = Silence(),
        limits: FlowEngine.Limits = FlowEngine.Limits(),
        bodies: ElasticExecutor = ElasticExecutor(),
        isCarried: @escaping @Sendable () -> Bool = { false }
    ) async throws {
        self.database = database
        self.tenant = tenant
        listener = StoreListener(database.client)
        ledger = Ledger(store: database.store, publisher: publisher) { TestDatabase.workers.local.spawn($0) }
        engine = FlowEngine(
            ledger: ledger,
            queue: database.store,
            registry: registry,
            owner: listener.node,
            limits: limits,
            environment: .system(bodies: bodies),
            isCarried: isCarried
        )
        commands = FlowCommands(ledger: ledger, registry: registry, engine: engine)
        approvals = Approvals(ledger: ledger, effect: engine)
        let engine = self.engine
        try await listener.start { engine.heard($0) }
        await engine.start()
    }

    /// Ends the process as a shutdown does.
    public func stop() async {
        await engine.stop()
        await listener.close()
    }

    /// Somebody of the tenant.
    public func principal(_ subject: String = "rita", _ roles: Set<Role> = [.reviewer]) -> Principal {
        Principal(
            tenant: tenant,
            subject: subject,
            displayName: subject,
            roles: roles,
            session: nil,
            expiresAt: Timestamp(microseconds: .max)
        )
    }

    /// Runs `body` for the bench's tenant, as the gateway does for a caller's.
    public func within<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        try await TenantContext.with(tenant.id, body)
    }

    /// Creates a flow of a registered type.
    public func start(_ type: String, input: JSON? = nil) async throws -> Flow {
        try await within {
            try await commands.create(
                type: type,
                title: nil,
                state: nil,
                metadata: nil,
                input: input,
                by: principal("olga", [.operator]),
                channel: "test"
            )
        }
    }

    /// The flow as it is stored.
    public func flow(_ id: FlowID) async throws -> Flow {
        let found = try await database.store.transaction(as: tenant.id, .snapshot) {
            try await $0.flows.find(id, locked: false)
        }
        guard let found else { throw LedgerError.noSuchFlow }
        return found
    }

    /// Lets time pass.
    public func rest(milliseconds: Int) async {
        await TestDatabase.workers.workers[0].sleep(for: .milliseconds(milliseconds))
    }

    /// Looks again and again until there is something.
    /// - Throws: ``Timeout`` after a minute, with what the flow looked like.
    public func eventually<Value>(in id: FlowID, _ look: () async throws -> Value?) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            if let found = try await look() { return found }
            guard ContinuousClock.now < deadline else { throw Timeout(flow: try await flow(id)) }
            await TestDatabase.workers.workers[0].sleep(for: .milliseconds(5))
        }
    }

    /// Waits until the flow has one of these statuses.
    public func wait(for statuses: FlowStatus..., of id: FlowID) async throws -> Flow {
        try await eventually(in: id) {
            let flow = try await flow(id)
            return statuses.contains(flow.status) ? flow : nil
        }
    }

    /// The prompts that wait in a flow, oldest first.
    public func openPrompts(_ id: FlowID) async throws -> [Prompt] {
        let page = try await database.store.transaction(as: tenant.id, .snapshot) {
            try await $0.prompts.list(flow: id, status: nil, pendingOnly: true, limit: 100, cursor: nil)
        }
        return page?.items ?? []
    }

    /// Waits until a prompt of `step` is open.
    public func prompt(_ step: String, of id: FlowID) async throws -> Prompt {
        try await eventually(in: id) { try await openPrompts(id).first { $0.step == step } }
    }

    /// Waits until the last round of `step` stands like that.
    @discardableResult
    public func step(_ step: String, is status: StepStatus = .done, in id: FlowID) async throws -> StepRecord {
        try await eventually(in: id) {
            let last = try await steps(id).last { $0.name == step }
            return last?.status == status ? last : nil
        }
    }

    /// The flow's whole event log.
    public func events(_ id: FlowID) async throws -> [FlowEvent] {
        try await database.store.transaction(as: tenant.id, .snapshot) {
            try await $0.flows.events(of: id, after: 0, limit: 100_000)
        }
    }

    /// The flow's journal.
    public func steps(_ id: FlowID) async throws -> [StepRecord] {
        try await database.store.transaction(as: tenant.id, .snapshot) { try await $0.flows.steps(of: id) }
    }

    /// What the flow's steps did within their bodies.
    public func effects(_ id: FlowID) async throws -> [EffectRecord] {
        try await database.store.transaction(as: tenant.id, .snapshot) { try await $0.flows.effects(of: id) }
    }

    /// Decides a prompt.
    @discardableResult
    public func decide(
        _ prompt: Prompt,
        _ verb: Verb,
        response: JSON? = nil,
        arguments: JSON? = nil,
        reason: String? = nil,
        key: String = Identifier<Flow>.generate().text,
        by principal: Principal? = nil
    ) async throws -> JSON {
        let principal = principal ?? self.principal()
        return try await TenantContext.with(principal.tenant.id) {
            try await approvals.decide(
                prompt.id,
                with: Decision(
                    verb: verb,
                    response: response,
                    arguments: arguments,
                    reason: reason,
                    shownDigest: prompt.shownDigest,
                    version: nil,
                    idempotencyKey: key
                ),
                by: principal,
                channel: "test"
            )
        }
    }
}

/// Tells nobody.
public struct Silence: CommitPublisher {
    /// Creates the publisher.
    public init() {}
    /// Does nothing.
    public func publish(_ committed: Committed) {}
}

/// A flow did not get where it should have in time.
public struct Timeout: Error {
    /// The flow as it was.
    public let flow: Flow
}
