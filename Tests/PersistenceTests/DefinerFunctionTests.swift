import Domain
import JSON
import Persistence
import Postgres
import TestSupport
import Testing

/// Functions with more rights than their caller: what they are, and that they hand out nothing of another tenant.
@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct DefinerFunctionTests {
    let tenants: TwoTenants

    init() async throws { tenants = try await .make() }

    /// A function that is new here needs a case below.
    private static let known = [
        """
        claim_deliveries: TABLE(tenant_id uuid, webhook_id uuid, id uuid, attempt integer, leased_until timestamp with time zone)
        """,
        "claim_work: TABLE(tenant_id uuid, flow_id uuid, lease bigint, wakes bigint, at timestamp with time zone)",
        "forget_answers: bigint", "forget_deliveries: bigint",
        "maintain_history: TABLE(made integer, dropped integer)", "release_work: bigint", "search_assets: SETOF uuid",
        "tenant_by_id: TABLE(id uuid, name text)", "tenant_by_name: TABLE(id uuid, name text)",
    ]

    @Test func theyAreKnownAndTheirSearchPathIsFixed() async throws {
        let rows = try await tenants.database.owner.withConnection { session in
            try await session.query(
                """
                SELECT format('%s: %s', p.proname, pg_get_function_result(p.oid)) AS name,
                    coalesce(p.proconfig::text, '') AS settings, p.proowner::regrole::text AS owner,
                    p.pronamespace::regnamespace::text AS schema,
                    EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                        WHERE a.grantee = 0) AS is_public
                FROM pg_proc p
                WHERE p.prosecdef AND p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
                ORDER BY 1
                """
            )
        }
        #expect(try rows.map { try $0.string("name") } == Self.known)
        for row in rows {
            let name = try row.string("name")
            #expect(try row.string("settings").hasPrefix(#"{"search_path=pg_catalog, pg_temp""#), "\(name)")
            // Only the owner of a table may add partitions to it.
            let isOwners = name.hasPrefix("maintain_history")
            #expect(try row.string("owner") == (isOwners ? "postgres" : "signalbox_directory"), "\(name)")
            #expect(try row.string("schema") == "signalbox", "\(name)")
            #expect(try !row.bool("is_public"), "\(name)")
        }
    }

    /// A flow with an asset, and work to do on it.
    private func furnish(_ tenant: Tenant) async throws -> (flow: Flow, asset: Asset) {
        let flow = Flow.sample()
        let asset = Asset.sample(flow: flow.id, key: "k", name: "host of \(tenant.name)")
        try await tenants.store.transaction(as: tenant.id) { store in
            try await store.flows.insert(flow)
            try await store.flows.enqueueWork(flow.id)
            try await store.assets.upsert([asset])
        }
        return (flow, asset)
    }

    @Test func theSearchFindsTheTenantsOwn() async throws {
        let (own, theirs) = (try await furnish(tenants.a), try await furnish(tenants.b))
        let sql = "SELECT signalbox.search_assets($1, $2, $3, $4, $5, $6, $7)::text AS id"
        let client = tenants.database.client
        func search(_ arguments: [PostgresValue], as tenant: TenantID?) async throws -> [String] {
            try await client.transaction { session in
                if let tenant {
                    _ = try await session.query("SELECT set_config('app.tenant_id', $1, true)", [.text(tenant.text)])
                }
                return try await session.query(sql, arguments).map { try $0.string("id") }
            }
        }
        let any: [PostgresValue] = [.text("%"), .null, .null, .null, .null, .null, .int(100)]
        #expect(try await search(any, as: tenants.a.id) == [own.asset.id.text])
        let name: [PostgresValue] = [.text("%bolt%"), .null, .null, .null, .null, .null, .int(100)]
        #expect(try await search(name, as: tenants.a.id) == [])
        #expect(try await search(name, as: tenants.b.id) == [theirs.asset.id.text])
        let flow: [PostgresValue] = [.text("%"), .null, .null, .text(theirs.flow.id.text), .null, .null, .int(100)]
        #expect(try await search(flow, as: tenants.a.id) == [])
        // From a place in the other's list on; and with what would be SQL if it were not a value.
        let place: [PostgresValue] = [
            .text("%"), .null, .null, .null, .text(""), .text(theirs.asset.id.text), .int(100),
        ]
        #expect(try await search(place, as: tenants.a.id) == [own.asset.id.text])
        let quote = PostgresValue.text("' OR true --")
        #expect(try await search([quote, quote, quote, .null, .null, .null, .int(9)], as: tenants.a.id) == [])
        await #expect(throws: PostgresError.self) { try await search(any, as: nil) }
    }

    /// The queue is that of all tenants, by its purpose: it names flows and shows nothing of them.
    @Test func theQueueGivesIdsAndNothingMore() async throws {
        let (own, theirs) = (try await furnish(tenants.a), try await furnish(tenants.b))
        let claimed = try await tenants.store.claim(owner: 7, limit: 10)
        #expect(Set(claimed.map(\.flow)) == [own.flow.id, theirs.flow.id])
        // To know the id is not to see the flow.
        let seen = try await tenants.store.transaction(as: tenants.a.id) { store in
            try await store.flows.find(theirs.flow.id, locked: false)
        }
        #expect(seen == nil)
        // The rows themselves are the tenant's own, claimed or not.
        let rows = try await tenants.database.client.transaction { session in
            _ = try await session.query("SELECT set_config('app.tenant_id', $1, true)", [.text(tenants.a.id.text)])
            return try await session.query("SELECT flow_id::text AS id FROM signalbox.flow_work")
                .map { try $0.string("id") }
        }
        #expect(rows == [own.flow.id.text])
        try await tenants.store.release(owner: 7)
    }

    /// As the queue of work: who delivers is told which messages are due, and reads them as their tenant.
    @Test func theQueueOfMessagesGivesIdsAndNothingMore() async throws {
        for tenant in [tenants.a, tenants.b] {
            let webhook = Webhook.sample()
            try await tenants.store.transaction(as: tenant.id) { store in
                _ = try await store.webhooks.insert(webhook, limit: 1)
                try await store.webhooks.enqueue(.generate(), of: webhook.id, kind: "test", event: [:], at: .now())
            }
        }
        let claims = try await tenants.store.claimDeliveries(limit: 10, each: 10, lease: 60)
        #expect(Set(claims.map(\.tenant)) == [tenants.a.id, tenants.b.id])
        for claim in claims {
            let stranger = claim.tenant == tenants.a.id ? tenants.b : tenants.a
            let seen = try await tenants.store.transaction(as: stranger.id) { store in
                let attempt = DeliveryAttempt(at: .now(), statusCode: nil, error: nil)
                return (
                    try await store.webhooks.content(claim),
                    try await store.webhooks.find(claim.webhook, locked: false),
                    try await store.webhooks.settle(claim, as: .dead, after: attempt, next: nil),
                    try await store.webhooks.remove(claim.webhook)
                )
            }
            #expect(seen.0 == nil && seen.1 == nil && !seen.2 && !seen.3)
            let own = try await tenants.store.transaction(as: claim.tenant) { try await $0.webhooks.content(claim) }
            #expect(own?.kind == "test")
        }
    }

    /// An answer counts for a day; then it may go, whosever it is.
    @Test func onlyOldAnswersAreForgotten() async throws {
        let answer = IdempotentAnswer(requestDigest: "d", status: 201, body: [:])
        let now = Timestamp.now()
        for tenant in [tenants.a, tenants.b] {
            try await tenants.store.transaction(as: tenant.id) { store in
                for hours in [0, 23, 25, 48] as [Int64] {
                    try await store.idempotency.save(
                        answer,
                        subject: "ada",
                        key: "\(hours)",
                        at: now.adding(seconds: -hours * 3600)
                    )
                }
            }
        }
        #expect(try await tenants.store.maintainHistory(HistoryPolicy(days: 0)).forgotten == 4)
        let rows = try await tenants.database.owner.withConnection {
            try await $0.query("SELECT key FROM signalbox.idempotency_keys ORDER BY created_at")
        }
        #expect(try rows.map { try $0.string("key") } == ["23", "23", "0", "0"])
    }

    /// Nobody can have a table or function of theirs used in place of the real one.
    @Test func whatACallerCreatesIsNotUsedInstead() async throws {
        let own = try await furnish(tenants.a)
        let found = try await tenants.database.client.transaction { session in
            _ = try await session.query("SELECT set_config('app.tenant_id', $1, true)", [.text(tenants.a.id.text)])
            for sql in [
                "CREATE TEMP TABLE assets (tenant_id uuid, id uuid, search text)",
                "CREATE TEMP TABLE tenants (id uuid, name text)",
                """
                CREATE FUNCTION pg_temp.current_setting(text) RETURNS text LANGUAGE sql
                    AS $$ SELECT '\(tenants.b.id)' $$
                """, "SET LOCAL search_path = pg_temp, signalbox, pg_catalog",
            ] { _ = try await session.query(sql) }
            let rows = try await session.query(
                "SELECT signalbox.search_assets('%', NULL, NULL, NULL, NULL, NULL, 100)::text AS id"
            )
            return try rows.map { try $0.string("id") }
        }
        #expect(found == [own.asset.id.text])
    }
}
