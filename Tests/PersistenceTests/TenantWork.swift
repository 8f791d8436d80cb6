import Domain
import JSON
import PropertySupport
import TestSupport

/// What one task knows to be a tenant's.
struct TenantStock: Sendable {
    let tenant: Tenant
    let task: Int
    var flows: [FlowID] = []
    var prompts: [Prompt] = []
    var uploads: [UploadID] = []
    var assets: [AssetID] = []
    var sessions: [SessionID] = []
    var user: UserID?
    /// The epoch of its lists, which no other tenant has.
    var epoch: String?
    var keys = 0

    init(_ tenant: Tenant, task: Int) {
        self.tenant = tenant
        self.task = task
    }

    /// The same for both tenants.
    var subject: String { "robot-\(task)" }

    /// The newest of all that it knows.
    var newest: TenantStock {
        var stock = self
        stock.flows = flows.suffix(50)
        stock.prompts = prompts.suffix(50)
        stock.uploads = uploads.suffix(50)
        stock.assets = assets.suffix(50)
        stock.sessions = sessions.suffix(50)
        return stock
    }
}

/// A few steps of one transaction. Everything written has the tenant's name in it, and everything read must.
struct TenantWork {
    private(set) var own: TenantStock
    private let other: TenantStock
    private let store: any StoreTransaction
    private var random: SeededGenerator
    private let mayWrite: Bool
    /// Calls that were answered or refused.
    private(set) var operations = 0

    private var name: String { own.tenant.name }

    init(
        _ own: TenantStock,
        _ other: TenantStock,
        _ store: any StoreTransaction,
        mayWrite: Bool,
        seed: UInt64
    ) {
        self.own = own
        self.other = other
        self.store = store
        self.mayWrite = mayWrite
        random = SeededGenerator(seed: seed)
    }

    mutating func run() async throws {
        for _ in 0..<Int.random(in: 4...14, using: &random) {
            operations += 1
            switch Int.random(in: 0..<(mayWrite ? 10 : 7), using: &random) {
            case ..<3: try await readOwn()
            case ..<5: try await readLists()
            case ..<7: try await reachForTheirs()
            default: try await write()
            }
        }
        // Last, because its lock is the one that all tasks share.
        guard mayWrite, Int.random(in: 0..<6, using: &random) == 0 else { return }
        operations += 1
        _ = try await store.views.append(.flows, item: name, before: nil, after: ["of": JSON(name)])
    }

    /// Breaks a constraint.
    mutating func violate() async throws {
        operations += 2
        let flow = flow()
        try await store.flows.insert(flow)
        try await store.flows.insert(flow)
    }

    private func check(_ holds: Bool, _ what: @autoclosure () -> String) throws {
        guard holds else { throw TenantChurn.Leak(description: "as \(name): \(what())") }
    }

    private func flow() -> Flow { .external(name, state: ["of": JSON(name)], by: name) }

    // MARK: What is its own

    private mutating func readOwn() async throws {
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            guard let id = own.flows.randomElement(using: &random) else { return try await write() }
            let flow = try await store.flows.find(id, locked: false)
            try check(flow?.createdBy == name && flow?.state == ["of": JSON(name)], "flow \(id) is \(flow as Any)")
        case 1:
            guard let id = own.flows.randomElement(using: &random) else { return try await write() }
            let events = try await store.flows.events(of: id, after: 0, limit: 2)
            try check(events.allSatisfy { $0.event["of"]?.string == name }, "events \(events)")
            try check(try await store.flows.steps(of: id).allSatisfy { $0.name == name }, "steps of \(id)")
            operations += 1
        case 2:
            guard let prompt = own.prompts.randomElement(using: &random) else { return try await write() }
            try check(try await store.prompts.find(prompt.id)?.createdBy == name, "prompt \(prompt.id)")
        case 3:
            guard let id = own.uploads.randomElement(using: &random) else { return try await write() }
            try check(try await store.uploads.find(id)?.createdBy == name, "upload \(id)")
            try check(try await store.uploads.chunk(0, of: id) == Array(name.utf8), "chunk of \(id)")
            operations += 1
        case 4:
            guard let id = own.assets.randomElement(using: &random) else { return try await write() }
            try check(try await store.assets.find(id)?.environment == name, "asset \(id)")
        case 5:
            guard let id = own.sessions.randomElement(using: &random) else { return try await write() }
            try check(try await store.identity.session(id)?.user == own.user, "session \(id)")
        case 6:
            // The same address in both tenants is two people.
            let user = try await store.identity.user(email: "ada@example.org")
            try check(user != nil && user?.id == own.user ?? user?.id && user?.id != other.user, "user \(user as Any)")
            own.user = user?.id
        default:
            // The same subject and key in both tenants are two answers.
            let key = Int.random(in: 0...own.keys + 1, using: &random)
            let answer = try await store.idempotency.find(subject: own.subject, key: "k\(key)")
            try check(answer?.body["of"]?.string == (key < own.keys ? name : nil), "answer \(answer as Any)")
        }
    }

    private mutating func readLists() async throws {
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            let flows = try await store.flows.list(status: nil, type: nil, limit: 2, cursor: nil)?.items ?? []
            try check(flows.allSatisfy { $0.createdBy == name }, "flows \(flows)")
        case 1:
            let prompts = try await store.prompts.list(
                flow: nil,
                status: nil,
                pendingOnly: false,
                limit: 2,
                cursor: nil
            )?.items
            try check(prompts?.allSatisfy { $0.createdBy == name } == true, "prompts \(prompts as Any)")
        case 2:
            let position = try await store.views.position(of: .flows)
            try check(position.epoch == own.epoch ?? position.epoch && position.epoch != other.epoch, "\(position)")
            own.epoch = position.epoch
            let changes = try await store.views.changes(of: .flows, after: max(0, position.seq - 2), limit: 2)
            try check(changes.allSatisfy { $0.item == name && $0.after?["of"]?.string == name }, "changes \(changes)")
            operations += 1
        case 3:
            let entries = try await store.audit.list(action: nil, subject: nil, limit: 2, cursor: nil)?.items ?? []
            try check(entries.allSatisfy { $0.actor == name }, "audit \(entries)")
        default:
            let query = [nil, nil, "of \(name)", other.tenant.name].randomElement(using: &random) ?? nil
            let assets = try await assets(query: query, flow: nil)
            let isTheirs = query == other.tenant.name
            try check(assets.allSatisfy { $0.environment == name } && !(isTheirs && !assets.isEmpty), "\(assets)")
        }
    }

    private func assets(query: String?, flow: FlowID?) async throws -> [Asset] {
        let page = try await store.assets.list(
            query: query,
            environment: nil,
            type: nil,
            flow: flow,
            limit: 2,
            cursor: nil
        )
        return page?.items ?? []
    }

    // MARK: What is the other's

    private mutating func reachForTheirs() async throws {
        switch Int.random(in: 0..<(mayWrite ? 9 : 6), using: &random) {
        case 0:
            guard let id = other.flows.randomElement(using: &random) else { return try await readLists() }
            try check(try await store.flows.find(id, locked: false) == nil, "flow \(id)")
            try check(try await store.flows.events(of: id, after: 0, limit: 2).isEmpty, "events of \(id)")
            operations += 1
        case 1:
            guard let prompt = other.prompts.randomElement(using: &random) else { return try await readLists() }
            try check(try await store.prompts.find(prompt.id) == nil, "prompt \(prompt.id)")
        case 2:
            guard let id = other.uploads.randomElement(using: &random) else { return try await readLists() }
            try check(try await store.uploads.find(id) == nil, "upload \(id)")
            try check(try await store.uploads.chunk(0, of: id) == nil, "chunk of \(id)")
            operations += 1
        case 3:
            guard let id = other.assets.randomElement(using: &random) else { return try await readLists() }
            try check(try await store.assets.find(id) == nil, "asset \(id)")
        case 4:
            guard let id = other.sessions.randomElement(using: &random) else { return try await readLists() }
            try check(try await store.identity.session(id) == nil, "session \(id)")
        case 5:
            guard let id = other.flows.randomElement(using: &random) else { return try await readLists() }
            try check(try await assets(query: nil, flow: id).isEmpty, "assets of \(id)")
            try check(try await store.assets.count(flow: id) == 0, "number of assets of \(id)")
            operations += 1
        case 6:
            guard let id = other.flows.randomElement(using: &random) else { return try await readLists() }
            try check(try await store.flows.find(id, locked: true) == nil, "locked flow \(id)")
            try check(try await store.flows.lock(id) == nil, "lock of \(id)")
            try check(try await store.flows.records(of: [id], locked: true).isEmpty, "record of \(id)")
            try check(try await store.flows.effects(of: id).isEmpty, "effects of \(id)")
            operations += 3
        case 7:
            guard let prompt = other.prompts.randomElement(using: &random) else { return try await readLists() }
            let changed = try await store.prompts.update(prompt.decided(by: name), ifVersion: 1)
            try check(!changed, "change of prompt \(prompt.id)")
        default:
            guard let id = other.sessions.randomElement(using: &random) else { return try await readLists() }
            try check(try await !store.identity.rotate(id, ifGeneration: 0, to: [9]), "change of session \(id)")
            try check(try await !store.identity.revoke(id, at: .now()), "end of session \(id)")
            operations += 1
        }
    }

    // MARK: Changes

    private mutating func write() async throws {
        guard mayWrite else { return try await readLists() }
        guard let flow = own.flows.randomElement(using: &random), own.user != nil else { return try await begin() }
        switch Int.random(in: 0..<9, using: &random) {
        case 0: try await begin()
        case 1:
            let record = try await store.flows.records(of: [flow], locked: true).first
            guard let record else { throw TenantChurn.Leak(description: "as \(name): flow \(flow) is gone") }
            let change = FlowChange(after: record, of: name)
            try check(try await store.flows.commit([change], as: .generate()) == [flow], "commit of \(flow)")
            operations += 1
        case 2:
            let step = StepRecord(StepKey(name), status: .running, attempt: 1, startedAt: .now())
            try await store.flows.save(step, of: flow)
        case 3:
            let prompt = prompt(of: flow)
            try await store.prompts.insert(prompt)
            own.prompts.append(prompt)
        case 4:
            try await store.audit.append(
                AuditEntry(at: .now(), actor: name, channel: "http", action: "x.y", subject: "x", detail: [:])
            )
        case 5: try await upload()
        case 6:
            let asset = Asset(
                id: .generate(),
                key: "k\(random.next())",
                flow: flow,
                name: "host",
                type: nil,
                environment: name,
                attributes: ["note": JSON("of \(name)")],
                sourceRow: 1,
                createdAt: .now()
            )
            try await store.assets.upsert([asset])
            own.assets.append(asset.id)
        case 7:
            guard let user = own.user else { return }
            let session = Session.sample(of: user)
            try await store.identity.insert(session)
            own.sessions.append(session.id)
        default:
            let answer = IdempotentAnswer(requestDigest: "d", status: 200, body: ["of": JSON(name)])
            try await store.idempotency.save(answer, subject: own.subject, key: "k\(own.keys)", at: .now())
            own.keys += 1
        }
    }

    private mutating func begin() async throws {
        if own.user == nil {
            operations += 1
            own.user = try await store.identity.user(email: "ada@example.org")?.id
        }
        let flow = flow()
        try await store.flows.insert(flow)
        own.flows.append(flow.id)
    }

    private mutating func upload() async throws {
        operations += 1
        let upload = Upload(
            id: .generate(),
            filename: "f",
            contentType: "text/csv",
            bytes: 0,
            sha256: nil,
            createdBy: name,
            createdAt: .now()
        )
        try await store.uploads.begin(upload)
        try await store.uploads.append(Array(name.utf8), index: 0, to: upload.id)
        own.uploads.append(upload.id)
    }

    private func prompt(of flow: FlowID) -> Prompt {
        Prompt(
            id: .generate(),
            flow: flow,
            run: nil,
            step: "s",
            attempt: 1,
            draft: PromptDraft(
                kind: .confirmation,
                title: name,
                message: "",
                shown: ["of": JSON(name)],
                action: nil,
                responseSchema: nil,
                allowed: [.approve],
                users: [],
                roles: [.reviewer],
                requiresClaim: false,
                expiresAt: nil
            ),
            shownDigest: "d",
            createdBy: name,
            createdAt: .now()
        )
    }
}

extension FlowChange {
    /// Adds an event with the tenant's name in it to a flow, and may tell the list of flows.
    init(after record: FlowRecord, of name: String, isListed: Bool = false) {
        var flow = record.flow
        flow.seq += 1
        let event = FlowEvent(seq: flow.seq, event: ["of": JSON(name)], patch: nil, digest: nil)
        self.init(
            flow: flow,
            isStateChanged: false,
            expected: record.version,
            events: [AppendedEvent(event: event, actor: name, at: .now())],
            line: isListed ? ItemChange(item: name, before: nil, after: ["of": JSON(name)]) : nil
        )
    }
}
