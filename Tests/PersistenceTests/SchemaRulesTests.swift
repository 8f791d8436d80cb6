import Domain
import Postgres
import TestSupport
import Testing

/// The rules that keep tenants apart, as the catalogue shows that they are kept: by every table, key and function, those
/// that are added later included.
@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct SchemaRulesTests {
    let tenants: TwoTenants

    init() async throws { tenants = try await .make() }

    /// The first column of a query that finds what breaks a rule.
    private func offenders(_ sql: String) async throws -> [String] {
        let rows = try await tenants.database.owner.withConnection { try await $0.query(sql) }
        return try rows.map { try $0.string("name") }
    }

    /// The condition on `c`, a row of `pg_class`, that it is a table of tenants.
    private static let isTable = """
        c.relnamespace = 'signalbox'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname NOT IN ('nodes', 'schema_migrations')
        """
    private static let owner = "CASE WHEN c.relname = 'tenants' THEN 'id' ELSE 'tenant_id' END"

    @Test func everyTableForcesRowLevelSecurity() async throws {
        let found = try await offenders(
            """
            SELECT c.relname::text AS name FROM pg_class c
            WHERE \(Self.isTable) AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
            """
        )
        #expect(found == [])
        let count = try await offenders("SELECT c.relname::text AS name FROM pg_class c WHERE \(Self.isTable)").count
        #expect(count >= 18)
    }

    /// Policies are alternatives: a second one would only let more through. A partition has none where nobody may name it,
    /// and must have the same where somebody may.
    @Test func theApplicationHasOnePolicyAndItNamesTheTenant() async throws {
        let found = try await offenders(
            """
            SELECT format('%s: %s', c.relname, coalesce(string_agg(p.polname || ' ' || p.polcmd::text, ', '), 'none')) AS name
            FROM pg_class c
            LEFT JOIN pg_policy p ON p.polrelid = c.oid
                AND p.polroles && ARRAY[0::oid, (SELECT oid FROM pg_roles WHERE rolname = 'signalbox_app')]
            WHERE \(Self.isTable) AND (NOT c.relispartition OR has_any_column_privilege('signalbox_app', c.oid, 'SELECT'))
            GROUP BY c.oid, c.relname
            HAVING count(p.oid) <> 1 OR NOT bool_and(
                p.polcmd = '*' AND p.polpermissive AND NOT 0::oid = ANY (p.polroles)
                AND pg_get_expr(p.polqual, c.oid)
                    = format('(%s = (current_setting(''app.tenant_id''::text))::uuid)', \(Self.owner))
                AND (p.polwithcheck IS NULL OR pg_get_expr(p.polwithcheck, c.oid) = pg_get_expr(p.polqual, c.oid))
            )
            """
        )
        #expect(found == [])
    }

    /// Otherwise one tenant's rows could stand in the way of another's, and be noticed by that.
    @Test func everyUniqueKeyBeginsWithTheTenant() async throws {
        let found = try await offenders(
            """
            SELECT i.indexrelid::regclass::text AS name
            FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
            WHERE \(Self.isTable) AND (i.indisunique OR i.indisexclusion) AND a.attname IS DISTINCT FROM \(Self.owner)
            UNION ALL
            SELECT c.relname || ' has no primary key' FROM pg_class c
            WHERE \(Self.isTable) AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
            """
        )
        // Names of tenants are given by the operator; the application cannot add any.
        #expect(found == ["signalbox.tenants_name_key"])
    }

    /// Foreign keys are checked without policies: only the tenant in them keeps a row from pointing at another tenant's.
    @Test func everyForeignKeyCarriesTheTenant() async throws {
        let found = try await offenders(
            """
            SELECT k.conname::text AS name
            FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f'
            JOIN pg_class r ON r.oid = k.confrelid
            WHERE \(Self.isTable) AND NOT EXISTS (
                SELECT FROM unnest(k.conkey, k.confkey) AS pair (here, there)
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = pair.here
                JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = pair.there
                WHERE a.attname = \(Self.owner) AND a.attnotnull
                    AND b.attname = CASE WHEN r.relname = 'tenants' THEN 'id' ELSE 'tenant_id' END
            )
            """
        )
        #expect(found == [])
    }

    /// A view shows what its owner may see, a foreign table has no policies, and a table elsewhere is looked at by no test.
    @Test func nothingElseHoldsData() async throws {
        let found = try await offenders(
            """
            SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                AND NOT (n.nspname = 'signalbox' AND c.relkind IN ('r', 'p'))
            """
        )
        #expect(found == [])
    }

    /// A sequence counts the rows of all tenants.
    @Test func sequencesAreOutOfReach() async throws {
        let found = try await offenders(
            """
            SELECT c.relname::text AS name FROM pg_class c
            WHERE c.relnamespace = 'signalbox'::regnamespace AND CASE
                WHEN c.relkind = 'S' THEN has_sequence_privilege('signalbox_app', c.oid, 'USAGE, SELECT, UPDATE')
                ELSE false
            END
            """
        )
        #expect(found == [])
    }

    @Test func theRolesHaveNothingInCommon() async throws {
        let found = try await offenders(
            """
            SELECT rolname::text AS name FROM pg_roles r
            WHERE rolname IN ('signalbox_app', 'signalbox_directory')
                AND (rolsuper OR rolbypassrls OR rolcanlogin OR rolcreaterole OR rolcreatedb
                    OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid)
                    OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid))
            """
        )
        #expect(found == [])
    }

    /// What functions with the rights of the directory can get at. More must have a reason.
    @Test func theDirectoryMayReadNoMoreThanItNeeds() async throws {
        let found = try await offenders(
            """
            SELECT format('%s %s.%s', privilege_type, table_name, column_name) AS name
            FROM information_schema.column_privileges WHERE grantee = 'signalbox_directory' ORDER BY 1
            """
        )
        let work = ["due_at", "enqueued_at", "flow_id", "lease", "owner", "tenant_id", "told", "wakes"]
        let nodes = ["alive_until", "id"]
        let assets = ["environment", "flow_id", "id", "name", "search", "tenant_id", "type"]
        let keys = ["created_at", "key", "subject", "tenant_id"]
        let deliveries = [
            "attempts", "created_at", "id", "leased_until", "next_at", "status", "tenant_id", "webhook_id",
        ]
        let leases = ["attempts", "leased_until", "next_at"]
        #expect(
            found == nodes.map { "INSERT nodes.\($0)" } + assets.map { "SELECT assets.\($0)" }
                + work.map { "SELECT flow_work.\($0)" } + keys.map { "SELECT idempotency_keys.\($0)" }
                + nodes.map { "SELECT nodes.\($0)" } + ["SELECT tenants.id", "SELECT tenants.name"]
                + deliveries.map { "SELECT webhook_deliveries.\($0)" }
                + ["SELECT webhooks.id", "SELECT webhooks.is_enabled", "SELECT webhooks.tenant_id"]
                + ["lease", "owner", "told"].map { "UPDATE flow_work.\($0)" } + nodes.map { "UPDATE nodes.\($0)" }
                + leases.map { "UPDATE webhook_deliveries.\($0)" }
        )
    }
}
