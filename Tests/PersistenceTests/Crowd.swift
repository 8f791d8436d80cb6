import Postgres
import TestSupport

/// Rows of many tenants, so that the planner has to choose as it would have to in earnest.
enum Crowd {
    /// Fills the database as its owner, and has it counted.
    static func fill(_ database: TestDatabase) async throws {
        try await database.owner.withConnection { try await $0.script(rows) }
    }

    private static let rows = """
        INSERT INTO signalbox.tenants (id, name)
            SELECT gen_random_uuid(), 'crowd ' || n FROM generate_series(1, 20) n;
        INSERT INTO signalbox.users (tenant_id, id, email, name, roles, password_hash)
            SELECT t.id, gen_random_uuid(), n || '@example.org', 'n', '{viewer}', 'h'
            FROM signalbox.tenants t, generate_series(1, 25) n;
        INSERT INTO signalbox.sessions
            (tenant_id, id, user_id, cookie_hash, refresh_hash, refresh_generation, created_at, expires_at)
            SELECT u.tenant_id, gen_random_uuid(), u.id, '', '', 0, now(), now()
            FROM signalbox.users u, generate_series(1, 5) n;
        INSERT INTO signalbox.flows (tenant_id, id, type, title, status, state, metadata, seq, epoch, created_by,
            created_at, updated_at)
            SELECT t.id, gen_random_uuid(), CASE WHEN n % 3 = 0 THEN 'discovery' ELSE 'external' END, 't',
                CASE WHEN n % 5 = 0 THEN 'running' ELSE 'succeeded' END, '{}', '{}', 10, 'e', 'c',
                now() - n * interval '1 minute', now()
            FROM signalbox.tenants t, generate_series(1, 100) n;
        INSERT INTO signalbox.flow_events (tenant_id, flow_id, seq, event, bytes, actor, at)
            SELECT f.tenant_id, f.id, n, '{}', 2, 'a', f.created_at FROM signalbox.flows f, generate_series(1, 10) n;
        INSERT INTO signalbox.flow_snapshots (tenant_id, flow_id, seq, state, at)
            SELECT f.tenant_id, f.id, n, '{}', f.created_at FROM signalbox.flows f, generate_series(1, 2) n;
        INSERT INTO signalbox.flow_steps (tenant_id, flow_id, name, status, attempt, first_started_at, started_at)
            SELECT f.tenant_id, f.id, 's' || n, 'done', 1, now(), now()
            FROM signalbox.flows f, generate_series(1, 3) n;
        INSERT INTO signalbox.flow_effects (tenant_id, flow_id, step, round, name, kind, is_done)
            SELECT s.tenant_id, s.flow_id, s.name, s.round, 'e' || n, 'run', true
            FROM signalbox.flow_steps s, generate_series(1, 2) n;
        INSERT INTO signalbox.prompts (tenant_id, id, flow_id, step, attempt, kind, title, message, shown, allowed, users,
            roles, requires_claim, shown_digest, status, version, created_by, created_at)
            SELECT f.tenant_id, gen_random_uuid(), f.id, 's', 1, 'confirmation', 't', 'm', '{}', '{}', '{}', '{}', false, 'd',
                CASE WHEN n = 1 THEN 'open' ELSE 'cancelled' END, 1, 'c', f.created_at
            FROM signalbox.flows f, generate_series(1, 2) n;
        INSERT INTO signalbox.decisions (tenant_id, prompt_id, idempotency_key, body_digest, decided_by, answer, at)
            SELECT p.tenant_id, p.id, 'k', 'd', 'a', '{}', now() FROM signalbox.prompts p;
        INSERT INTO signalbox.views (tenant_id, view, epoch, seq)
            SELECT t.id, v, 'e', 500 FROM signalbox.tenants t, unnest('{flows,prompts}'::text[]) v;
        INSERT INTO signalbox.view_changes (tenant_id, view, seq, item)
            SELECT v.tenant_id, v.view, n, 'i' FROM signalbox.views v, generate_series(1, 200) n;
        INSERT INTO signalbox.audit_log (tenant_id, at, actor, channel, action, subject, detail)
            SELECT t.id, now(), 'a', 'c', 'action ' || n % 7, 'subject ' || n % 50, '{}'
            FROM signalbox.tenants t, generate_series(1, 200) n;
        INSERT INTO signalbox.uploads (tenant_id, id, filename, content_type, bytes, sha256, created_by, created_at)
            SELECT t.id, gen_random_uuid(), 'f', 'c', 1, 's', 'c', now()
            FROM signalbox.tenants t, generate_series(1, 50) n;
        INSERT INTO signalbox.upload_chunks (tenant_id, upload_id, index, data)
            SELECT u.tenant_id, u.id, n, '' FROM signalbox.uploads u, generate_series(0, 3) n;
        INSERT INTO signalbox.assets (tenant_id, id, flow_id, key, name, type, environment, attributes, search,
            source_row, created_at)
            SELECT f.tenant_id, gen_random_uuid(), f.id, 'k' || n, 'name ' || n, 't', 'e', '{}', 's', 1, now()
            FROM signalbox.flows f, generate_series(1, 2) n;
        INSERT INTO signalbox.flow_work (tenant_id, flow_id, owner)
            SELECT f.tenant_id, f.id, 7 FROM signalbox.flows f WHERE f.status = 'running';
        -- A backlog: of a short queue it is no mistake to read all that is a tenant's.
        INSERT INTO signalbox.flows (tenant_id, id, type, title, status, state, metadata, seq, epoch, created_by,
            created_at, updated_at)
            SELECT t.id, gen_random_uuid(), 'backlog', 't', 'pending', '{}', '{}', 1, 'e', 'c', now(), now()
            FROM signalbox.tenants t, generate_series(1, 1500) n;
        INSERT INTO signalbox.flow_work (tenant_id, flow_id)
            SELECT f.tenant_id, f.id FROM signalbox.flows f WHERE f.type = 'backlog';
        INSERT INTO signalbox.idempotency_keys (tenant_id, subject, key, request_digest, status, body, created_at)
            SELECT t.id, 's' || n, 'k', 'd', 200, '{}', now() FROM signalbox.tenants t, generate_series(1, 100) n;
        ANALYZE;
        """
}
