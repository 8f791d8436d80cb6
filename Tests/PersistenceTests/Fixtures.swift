import Domain
import JSON
import Persistence
import Postgres
import TestSupport

/// A database with two tenants.
struct TwoTenants {
    let database: TestDatabase
    let a: Tenant
    let b: Tenant

    var store: PostgresStore { database.store }

    static func make() async throws -> TwoTenants {
        let database = try await TestDatabase.make()
        return TwoTenants(
            database: database,
            a: try await database.makeTenant("acme", users: [.sample()]),
            b: try await database.makeTenant("bolt", users: [.sample()])
        )
    }
}

extension User {
    static func sample(email: String = "ada@example.org") -> User {
        User(id: .generate(), email: email, name: "Ada", roles: [.reviewer, .viewer], passwordHash: "hash")
    }
}

extension Flow {
    static func sample(type: String = "discovery", status: FlowStatus = .running, at time: Timestamp = .sample) -> Flow
    {
        var flow = Flow(
            id: .generate(),
            type: type,
            title: "Import „März“",
            status: status,
            phase: "validate",
            state: ["z": 1, "a": ["deep": [1, 2.50, .null]]],
            metadata: ["from": "test"],
            input: ["csv": "a,b"],
            graph: nil,
            seq: 0,
            epoch: "e1",
            run: .generate(),
            createdBy: "ada",
            createdAt: time,
            updatedAt: time
        )
        flow.openPrompts = 2
        return flow
    }
}

extension Webhook {
    static func sample() -> Webhook {
        Webhook(
            id: .generate(),
            url: "https://example.org/",
            description: "",
            events: ["*"],
            isEnabled: true,
            secret: WebhookSecret(bytes: [1, 2, 3]),
            formerSecret: FormerSecret(secret: WebhookSecret(bytes: [4, 5]), until: .sample),
            createdBy: "ada",
            createdAt: .sample,
            updatedAt: .sample
        )
    }
}

extension FlowChange {
    /// Takes a flow from a version to the position of the last event.
    static func sample(_ flow: Flow, from version: FlowVersion, events: [FlowEvent]) -> FlowChange {
        var flow = flow
        flow.seq = events.last?.seq ?? version.seq
        return FlowChange(
            flow: flow,
            isStateChanged: true,
            expected: version,
            events: events.map { AppendedEvent(event: $0, actor: "ada", at: .sample) },
            line: nil
        )
    }
}

extension FlowRepository {
    /// Commits events to a flow as it is now.
    func append(_ events: [FlowEvent], to flow: Flow) async throws -> Bool {
        guard let version = try await lock(flow.id) else { return false }
        let change = FlowChange.sample(flow, from: version, events: events)
        return try await commit([change], as: .generate()) == [flow.id]
    }
}

extension ViewRepository {
    /// Appends one change.
    @discardableResult
    func append(_ view: View, item: String, before: JSON? = nil, after: JSON?) async throws -> ViewChange {
        let changes = try await append([ItemChange(item: item, before: before, after: after)], to: view)
        guard let change = changes.first, changes.count == 1 else { throw StoreError.duplicate("\(changes)") }
        return change
    }
}

extension Prompt {
    static func sample(flow: FlowID, step: String = "confirm", attempt: Int = 1, at time: Timestamp = .sample) -> Prompt
    {
        Prompt(
            id: .generate(),
            flow: flow,
            run: .generate(),
            step: step,
            attempt: attempt,
            draft: PromptDraft(
                kind: .toolCall,
                title: "Delete?",
                message: "Really *all* of it?",
                shown: ["rows": 3],
                action: ["tool": "delete", "arguments": ["all": true]],
                responseSchema: ["type": "object"],
                allowed: [.approve, .reject],
                users: ["ada", "quote\"d"],
                roles: [.reviewer, .operator],
                requiresClaim: true,
                expiresAt: time.adding(seconds: 60)
            ),
            shownDigest: "sha256:00",
            createdBy: "system:engine",
            createdAt: time
        )
    }

    /// The prompt as `subject` decides it.
    func decided(by subject: String) -> Prompt {
        var prompt = self
        prompt.status = .decided
        prompt.version += 1
        prompt.outcome = PromptOutcome(
            verb: .approve,
            response: .null,
            arguments: ["all": false],
            reason: "fine",
            by: [subject],
            at: .sample,
            execution: .pending
        )
        return prompt
    }
}

extension Timestamp {
    /// A point in time with all its microseconds.
    static let sample = Timestamp(microseconds: 1_763_899_083_120_457)
}

extension Asset {
    static func sample(
        flow: FlowID,
        key: String,
        name: String,
        environment: String? = "production",
        attributes: JSON = ["os": "Debian 12"]
    ) -> Asset {
        Asset(
            id: .generate(),
            key: key,
            flow: flow,
            name: name,
            type: "server",
            environment: environment,
            attributes: attributes,
            sourceRow: 7,
            createdAt: .sample
        )
    }
}

/// All items of a list, page by page.
func allPages<Item>(_ page: (_ cursor: String?) async throws -> Page<Item>?) async throws -> [Item] {
    var items: [Item] = []
    var cursor: String?
    repeat {
        guard let next = try await page(cursor) else { return items }
        items += next.items
        cursor = next.next
    } while cursor != nil
    return items
}

extension Session {
    /// A fresh session of a user.
    static func sample(of user: UserID) -> Session {
        Session(
            id: .generate(),
            user: user,
            cookieHash: [1],
            refreshHash: [1],
            refreshGeneration: 0,
            createdAt: .sample,
            expiresAt: .sample
        )
    }
}
