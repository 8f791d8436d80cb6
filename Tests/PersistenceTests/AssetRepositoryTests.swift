import Domain
import JSON
import Persistence
import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct AssetRepositoryTests {
    let tenants: TwoTenants
    let flow = Flow.sample()

    init() async throws {
        tenants = try await .make()
        let flow = self.flow
        try await tenants.store.transaction(as: tenants.a.id) { try await $0.flows.insert(flow) }
    }

    private func list(
        query: String? = nil,
        environment: String? = nil,
        flow: FlowID? = nil,
        limit: Int = 100
    ) async throws -> [String] {
        let store = tenants.store
        let tenant = tenants.a.id
        return try await allPages { cursor in
            try await store.transaction(as: tenant, .snapshot) {
                try await $0.assets.list(
                    query: query,
                    environment: environment,
                    type: nil,
                    flow: flow,
                    limit: limit,
                    cursor: cursor
                )
            }
        }.map(\.name)
    }

    @Test func aRepeatedStepAddsNothingTwice() async throws {
        let first = Asset.sample(flow: flow.id, key: "k1", name: "db-1")
        let again = Asset.sample(flow: flow.id, key: "k1", name: "db-2", environment: nil, attributes: ["n": 1.0])
        let flow = self.flow.id
        let (count, kept) = try await tenants.store.transaction(as: tenants.a.id) { store in
            try await store.assets.upsert([first])
            try await store.assets.upsert([again, again])
            return (try await store.assets.count(flow: flow), try await store.assets.find(first.id))
        }
        #expect(count == 1)
        #expect(kept?.name == "db-2" && kept?.environment == nil && kept?.attributes == ["n": 1])
        #expect(kept?.createdAt == .sample && kept?.sourceRow == 7)
    }

    @Test func searchFindsNamesAndValuesWithoutRegardToCase() async throws {
        let assets = [
            Asset.sample(flow: flow.id, key: "1", name: "WEB-01", attributes: ["os": "Debian 12", "tags": ["Blue"]]),
            Asset.sample(flow: flow.id, key: "2", name: "db_01", attributes: ["os": "Windows"]),
            Asset.sample(flow: flow.id, key: "3", name: "dbx01", environment: "staging", attributes: ["load": "50%"]),
            Asset.sample(flow: flow.id, key: "4", name: "zeta", attributes: ["note": "nul\u{0}byte \\ end"]),
        ]
        try await tenants.store.transaction(as: tenants.a.id) { try await $0.assets.upsert(assets) }
        #expect(try await list() == ["WEB-01", "db_01", "dbx01", "zeta"])
        #expect(try await list(query: "web") == ["WEB-01"])
        #expect(try await list(query: "DEBIAN") == ["WEB-01"])
        #expect(try await list(query: "blue") == ["WEB-01"])
        #expect(try await list(query: "b_0") == ["db_01"])
        #expect(try await list(query: "50%") == ["dbx01"])
        #expect(try await list(query: "\\ end") == ["zeta"])
        #expect(try await list(query: "01", limit: 1) == ["WEB-01", "db_01", "dbx01"])
        #expect(try await list(query: "01", environment: "staging") == ["dbx01"])
        #expect(try await list(query: "01", flow: .generate()) == [])
        // What is not a value is not found: `os` is a name.
        #expect(try await list(query: "os") == [])
    }

    @Test func searchesAndListsUseTheirIndexes() async throws {
        let flow = self.flow.id
        let assets = (0..<4000).map { index in
            Asset.sample(
                flow: flow,
                key: "\(index)",
                name: "host-\(index)",
                attributes: ["serial": JSON("S\(index * 7919)")]
            )
        }
        try await tenants.store.transaction(as: tenants.a.id) { try await $0.assets.upsert(assets) }
        _ = try await tenants.database.owner.withConnection { try await $0.query("VACUUM ANALYZE signalbox.assets") }
        let tenant = tenants.a.id.text
        func plan(_ sql: String, as client: PostgresClient) async throws -> String {
            try await client.transaction { session in
                // Small as the table is here, reading all of it may be the cheapest: this asks what could be used.
                _ = try await session.query(
                    "SELECT set_config('app.tenant_id', $1, true), set_config('enable_seqscan', 'off', true)",
                    [.text(tenant)]
                )
                return try await session.query("EXPLAIN " + sql).map { try $0.string("QUERY PLAN") }.joined(
                    separator: "\n"
                )
            }
        }
        // As the application, under its policy.
        let page = try await plan(
            """
            SELECT * FROM signalbox.assets WHERE tenant_id = '\(tenant)'
            AND (name, id) > ('host-5', '00000000-0000-0000-0000-000000000000') ORDER BY name, id LIMIT 50
            """,
            as: tenants.database.client
        )
        #expect(page.contains("assets_by_name") && !page.contains("Sort"), "\(page)")
        // As the search function's owner sees it.
        let search = try await plan(
            "SELECT id FROM signalbox.assets WHERE tenant_id = '\(tenant)' AND search LIKE '%s31676%'",
            as: tenants.database.owner
        )
        #expect(search.contains("assets_search"), "\(search)")
        #expect(try await list(query: "s31676") == ["host-4", "host-40", "host-400"])
    }
}
