import Domain
import JSON
import Persistence
import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"), .timeLimit(.minutes(2)))
struct TenantMoveTests {
    /// Acme lives in the second database.
    private static let moved = TenantPlaces(byName: ["acme": 1, "bolt": 1], byID: [:])

    /// The rows of a tenant in all tables, as text.
    private func rows(of tenant: Tenant, in database: TestDatabase) async throws -> [String: [String]] {
        let tables = try await Catalogue.tables(database).filter { !$0.isPartition }
        var found: [String: [String]] = [:]
        try await database.owner.withConnection { session in
            for table in tables {
                let rows = try await session.query(
                    "SELECT t::text AS row FROM \(table.qualified) t WHERE \(table.owner) = $1::uuid ORDER BY 1",
                    [.text(tenant.id.text)]
                )
                found[table.name] = try rows.map { try $0.string("row") }
            }
        }
        return found
    }

    /// Gives a tenant something in every table, in ways that make copying hard.
    private func furnish(_ databases: TwoDatabases) async throws -> Flow {
        let flow = Flow.sample()
        let steps = ["zeta", "alpha", "mid"].map {
            StepRecord(StepKey($0), status: .done, attempt: 1, startedAt: .sample)
        }
        let older = Prompt.sample(flow: flow.id)
        let newer = Prompt.sample(flow: flow.id, attempt: 2)
        try await databases.store.transaction(as: databases.acme.id) { store in
            try await store.flows.insert(flow)
            try await store.flows.enqueueWork(flow.id)
            for step in steps { try await store.flows.save(step, of: flow.id) }
            try await store.prompts.insert(older)
            try await store.prompts.insert(newer)
            var superseded = older
            superseded.status = .superseded
            superseded.version += 1
            superseded.supersededBy = newer.id
            _ = try await store.prompts.update(superseded, ifVersion: 1)
            for index in 0..<250 {
                try await store.audit.append(
                    AuditEntry(at: .sample, actor: "ada", channel: "api", action: "a", subject: "\(index)", detail: [:])
                )
            }
        }
        return flow
    }

    @Test func everyRowOfEveryTableIsMoved() async throws {
        let databases = try await TwoDatabases.make()
        let tables = try await Catalogue.tables(databases.first)
        // Checks are dropped for the made-up rows, in both: they cannot obey them.
        try await Catalogue.fill(tables, of: [databases.acme.id], in: databases.first)
        try await Catalogue.fill(tables, of: [databases.bolt.id], in: databases.second)
        let others = try await rows(of: databases.bolt, in: databases.second)
        // Made-up rows refer to nothing; what they would refer to is not what is tried here.
        for database in [databases.first, databases.second] { try await Self.dropForeignKeys(database) }
        let before = try await rows(of: databases.acme, in: databases.first)
        #expect(before.values.allSatisfy { !$0.isEmpty })
        guard case .copied(let counts) = try await databases.move().move("acme", from: 0, to: 1) else {
            Issue.record("nothing was copied")
            return
        }
        #expect(counts.count == before.count)
        #expect(counts.reduce(0) { $0 + Int($1.rows) } == before.values.reduce(0) { $0 + $1.count })
        #expect(try await rows(of: databases.acme, in: databases.second) == before)
        // Again, as after a failure that nobody noticed.
        _ = try await databases.move().move("acme", from: 0, to: 1)
        #expect(try await rows(of: databases.acme, in: databases.second) == before)
        try await databases.move(Self.moved).thaw("acme")
        try await databases.move(Self.moved).purge("acme", from: 0)
        #expect(try await rows(of: databases.acme, in: databases.first).values.allSatisfy(\.isEmpty))
        #expect(try await rows(of: databases.acme, in: databases.second) == before)
        #expect(try await rows(of: databases.bolt, in: databases.second) == others)
    }

    private static func dropForeignKeys(_ database: TestDatabase) async throws {
        try await database.owner.withConnection { session in
            let keys = try await session.query(
                """
                SELECT conrelid::regclass::text AS "table", quote_ident(conname) AS name FROM pg_constraint
                WHERE contype = 'f' AND conparentid = 0 AND connamespace = 'signalbox'::regnamespace
                """
            )
            for key in keys {
                let (table, name) = (try key.string("table"), try key.string("name"))
                _ = try await session.query("ALTER TABLE \(table) DROP CONSTRAINT \(name)")
            }
        }
    }

    @Test func orderIsKeptAndGoesOn() async throws {
        let databases = try await TwoDatabases.make()
        // The other database has given out fewer numbers.
        let flow = try await furnish(databases)
        _ = try await databases.move().move("acme", from: 0, to: 1)
        databases.store.move(to: Self.moved)
        try await databases.move(Self.moved).thaw("acme")
        let acme = databases.acme.id
        let names = try await databases.store.transaction(as: acme) { store in
            let late = StepRecord(StepKey("beta"), status: .done, attempt: 1, startedAt: .sample)
            try await store.flows.save(late, of: flow.id)
            try await store.audit.append(
                AuditEntry(at: .sample, actor: "ada", channel: "api", action: "a", subject: "last", detail: [:])
            )
            return try await store.flows.steps(of: flow.id).map(\.name)
        }
        #expect(names == ["zeta", "alpha", "mid", "beta"])
        let entries = try await allPages { cursor in
            try await databases.store.transaction(as: acme, .snapshot) {
                try await $0.audit.list(action: nil, subject: nil, limit: 100, cursor: cursor)
            }
        }
        #expect(entries.map(\.subject) == ["last"] + (0..<250).reversed().map(String.init))
    }

    @Test func aFrozenTenantIsReadAndNotChangedAndOthersNoticeNothing() async throws {
        let databases = try await TwoDatabases.make()
        let flow = try await furnish(databases)
        let cora = try await databases.first.makeTenant("cora")
        let version = try await databases.store.transaction(as: databases.acme.id) { try await $0.flows.lock(flow.id) }
        let current = try #require(version)
        _ = try await databases.move().move("acme", from: 0, to: 1)
        #expect(try await databases.first.store.frozenTenants() == [databases.acme.id])
        #expect(try await databases.second.store.frozenTenants() == [databases.acme.id])
        for database in [databases.first, databases.second] {
            let store = database.store
            await #expect(throws: StoreError.moving) { try await databases.makeFlow(databases.acme, in: store) }
            await #expect(throws: StoreError.moving) {
                let change = FlowChange.sample(
                    flow,
                    from: current,
                    events: [FlowEvent(seq: 1, event: ["type": "X"], patch: nil, digest: nil)]
                )
                _ = try await store.commit([change], of: databases.acme.id, as: .generate())
            }
            await #expect(throws: StoreError.moving) {
                try await store.transaction(as: databases.acme.id) { store in
                    let upload = Upload(
                        id: .generate(),
                        filename: "f",
                        contentType: "text/csv",
                        bytes: 0,
                        sha256: nil,
                        createdBy: "ada",
                        createdAt: .sample
                    )
                    try await store.uploads.begin(upload)
                }
            }
            let found = try await store.transaction(as: databases.acme.id, .snapshot) {
                try await $0.flows.find(flow.id, locked: false)
            }
            #expect(found?.state == flow.state)
            // Its work is passed over, and fills nobody's claim.
            let work = try await databases.makeFlow(database.name == databases.first.name ? cora : databases.bolt)
            #expect(try await store.claim(owner: 1, limit: 1).map(\.flow) == [work])
            #expect(try await store.claim(owner: 1, limit: 10).isEmpty)
            try await store.release(owner: 1)
        }
        _ = try await databases.makeFlow(cora)
    }

    @Test func nothingIsLostWhateverIsDoneInWhicheverOrder() async throws {
        let databases = try await TwoDatabases.make()
        let (here, there) = (databases.move(), databases.move(Self.moved))
        _ = try await furnish(databases)
        await #expect(throws: TenantMoveError.noSuchTenant("nobody", database: "first, second")) {
            try await here.move("nobody", from: 0, to: 1)
        }
        await #expect(throws: TenantMoveError.sameDatabase) { try await here.move("acme", from: 0, to: 0) }
        #expect(try await here.move("acme", from: 1, to: 0) == .livesThereAlready)
        // The map is changed before the tenant is there.
        await #expect(throws: TenantMoveError.livesElsewhere("acme", database: "first")) {
            try await there.thaw("acme")
        }
        await #expect(throws: TenantMoveError.livesHere("acme", database: "first")) {
            try await there.purge("acme", from: 0)
        }
        _ = try await here.move("acme", from: 0, to: 1)
        // Given up: it goes on where it was, and what was copied is out of date.
        #expect(try await here.thaw("acme") == "first")
        _ = try await databases.makeFlow(databases.acme)
        await #expect(throws: TenantMoveError.livesElsewhere("acme", database: "first")) {
            try await there.thaw("acme")
        }
        // A second attempt fails after the freeze: the copy of the first one must not come to life.
        try await databases.second.owner.withConnection { session in
            _ = try await session.query("ALTER TABLE signalbox.assets ADD COLUMN stray text")
        }
        await #expect(throws: TenantMoveError.differentTables("signalbox.assets")) {
            try await here.move("acme", from: 0, to: 1)
        }
        #expect(try await here.standings(of: databases.acme) == [.frozen(2), .frozen(1)])
        await #expect(throws: TenantMoveError.outdatedCopy("acme", database: "second")) { try await there.thaw("acme") }
        await #expect(throws: TenantMoveError.outdatedCopy("acme", database: "second")) {
            try await there.purge("acme", from: 0)
        }
        try await databases.second.owner.withConnection { session in
            _ = try await session.query("ALTER TABLE signalbox.assets DROP COLUMN stray")
        }
        _ = try await here.move("acme", from: 0, to: 1)
        #expect(try await there.thaw("acme") == "second")
        #expect(try await there.thaw("acme") == "second")
        #expect(try await here.move("acme", from: 0, to: 1) == .livesThereAlready)
        await #expect(throws: TenantMoveError.livesElsewhere("acme", database: "second")) {
            try await here.thaw("acme")
        }
        try await there.purge("acme", from: 0)
        try await there.purge("acme", from: 0)
        #expect(try await here.standings(of: databases.acme) == [.absent, .live])
        // And back again.
        _ = try await there.move("acme", from: 1, to: 0)
        try await here.thaw("acme")
        try await here.purge("acme", from: 1)
        #expect(try await TwoDatabases.count("flows", in: databases.first) == 2)
        #expect(try await TwoDatabases.count("audit_log", in: databases.first) == 250)
        #expect(try await TwoDatabases.count("audit_log", in: databases.second) == 0)
    }

    /// What writes when the freeze begins is copied; what comes later is refused: nothing is told as done and then missing.
    @Test func whatWasAcknowledgedIsMoved() async throws {
        let databases = try await TwoDatabases.make()
        let tenant = databases.acme
        let written = try await withThrowingTaskGroup(of: Set<FlowID>.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    var done: Set<FlowID> = []
                    while true {
                        do {
                            done.insert(try await databases.makeFlow(tenant, isRunnable: false))
                        } catch StoreError.moving {
                            return done
                        }
                    }
                }
            }
            group.addTask {
                while try await TwoDatabases.count("flows", in: databases.first) < 20 {}
                _ = try await databases.move().move("acme", from: 0, to: 1)
                return []
            }
            return try await group.reduce(into: Set<FlowID>()) { $0.formUnion($1) }
        }
        #expect(written.count >= 20)
        #expect(try await TwoDatabases.count("flows", in: databases.second) == written.count)
        #expect(try await TwoDatabases.count("flows", in: databases.first) == written.count)
    }

    @Test func theAuditLogOfATenantThatIsHereCannotBeRemoved() async throws {
        let databases = try await TwoDatabases.make()
        _ = try await furnish(databases)
        await #expect(throws: PostgresError.self) {
            try await databases.first.owner.transaction { session in
                let setting = "SELECT set_config('signalbox.moving', $1, true)"
                _ = try await session.query(setting, [.text(databases.acme.id.text)])
                _ = try await session.query("DELETE FROM signalbox.audit_log")
            }
        }
        #expect(try await TwoDatabases.count("audit_log", in: databases.first) == 250)
    }

    /// As an owner has it who is no superuser, and whom the policies bind.
    @Test func anOwnerNeedNotBeASuperuser() async throws {
        let cluster = try PostgresCluster.shared()
        _ = try await TestDatabase.make()
        let user = "mover_\(UInt32.random(in: 0...UInt32.max))"
        try cluster.run(sql: "CREATE ROLE \(user) LOGIN CREATEROLE")
        var databases: [TenantMove.Database] = []
        for name in ["first", "second"] {
            let database = try cluster.createDatabase("moved")
            try cluster.run(sql: "ALTER DATABASE \(database) OWNER TO \(user)")
            let client = PostgresClient(
                try PostgresConfiguration("postgresql://\(user)@/\(database)?host=\(cluster.socketDirectory)"),
                options: Migrator.options,
                workers: TestDatabase.workers,
                blockingPool: TestDatabase.blockingPool
            )
            try await client.withConnection { session in _ = try await Migrator(session).run() }
            databases.append(TenantMove.Database(name: name, owner: client))
        }
        let acme = try await TenantAdministration(databases[0].owner).provision(
            Tenant(id: .generate(), name: "acme"),
            users: [.sample(), .sample(email: "bob@example.org")]
        )
        try await databases[0].owner.transaction { session in
            _ = try await session.query("SELECT set_config('app.tenant_id', $1, true)", [.text(acme.id.text)])
            _ = try await session.query(
                """
                INSERT INTO signalbox.audit_log (tenant_id, at, actor, channel, action, subject, detail)
                VALUES ($1, now(), 'a', 'b', 'c', 'd', '{}')
                """,
                [.text(acme.id.text)]
            )
        }
        let move = TenantMove(databases, places: Self.moved)
        _ = try await move.move("acme", from: 0, to: 1)
        try await move.thaw("acme")
        try await move.purge("acme", from: 0)
        #expect(try await move.standings(of: acme) == [.absent, .live])
        for database in databases { await database.owner.close() }
    }
}
