-- Flows, their events, their journal and who works on them.
-- Documents are json, not jsonb: their exact text matters.

CREATE TABLE signalbox.flows (
    tenant_id uuid NOT NULL REFERENCES signalbox.tenants,
    id uuid NOT NULL,
    type text COLLATE "C" NOT NULL,
    title text NOT NULL,
    status text COLLATE "C" NOT NULL
        CHECK (status IN ('pending', 'running', 'waiting', 'succeeded', 'failed', 'cancelled')),
    phase text,
    state json NOT NULL,
    metadata json NOT NULL,
    input json,
    graph json,
    seq bigint NOT NULL CHECK (seq >= 0),
    epoch text NOT NULL,
    run_id uuid,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    open_prompts integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX flows_newest ON signalbox.flows (tenant_id, created_at, id);
CREATE INDEX flows_by_status ON signalbox.flows (tenant_id, status, created_at, id);
CREATE INDEX flows_by_type ON signalbox.flows (tenant_id, type, created_at, id);
ALTER TABLE signalbox.flows ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.flows FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.flows TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT ON signalbox.flows TO signalbox_app;
GRANT UPDATE (status, phase, state, seq, run_id, updated_at, open_prompts) ON signalbox.flows TO signalbox_app;

CREATE TABLE signalbox.flow_events (
    tenant_id uuid NOT NULL,
    flow_id uuid NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    event json NOT NULL,
    patch json,
    digest text,
    -- Of event and patch, so that adding them up does not read them.
    bytes bigint NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, flow_id, seq),
    FOREIGN KEY (tenant_id, flow_id) REFERENCES signalbox.flows (tenant_id, id)
);
ALTER TABLE signalbox.flow_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.flow_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.flow_events TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT ON signalbox.flow_events TO signalbox_app;

CREATE TABLE signalbox.flow_steps (
    tenant_id uuid NOT NULL,
    flow_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    status text NOT NULL CHECK (status IN ('running', 'waiting', 'done', 'failed', 'skipped')),
    attempt integer NOT NULL,
    result json,
    error text,
    first_started_at timestamptz NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, flow_id, name),
    FOREIGN KEY (tenant_id, flow_id) REFERENCES signalbox.flows (tenant_id, id)
);
ALTER TABLE signalbox.flow_steps ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.flow_steps FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.flow_steps TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT ON signalbox.flow_steps TO signalbox_app;
GRANT UPDATE (status, attempt, result, error, started_at, finished_at) ON signalbox.flow_steps TO signalbox_app;

CREATE TABLE signalbox.flow_work (
    tenant_id uuid NOT NULL,
    flow_id uuid NOT NULL,
    -- The node that works on it, which holds the advisory lock of the same number; null when nobody does.
    owner bigint,
    -- More work was announced while somebody had it: it goes back into the queue when that one is done. Whoever claims
    -- it later has not looked yet, so claiming clears the mark.
    is_again boolean NOT NULL DEFAULT false,
    enqueued_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, flow_id),
    FOREIGN KEY (tenant_id, flow_id) REFERENCES signalbox.flows (tenant_id, id)
);
CREATE INDEX flow_work_queue ON signalbox.flow_work (enqueued_at);
CREATE INDEX flow_work_owner ON signalbox.flow_work (owner) WHERE owner IS NOT NULL;
ALTER TABLE signalbox.flow_work ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.flow_work FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.flow_work TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE POLICY directory_select ON signalbox.flow_work FOR SELECT TO signalbox_directory USING (true);
CREATE POLICY directory_update ON signalbox.flow_work FOR UPDATE TO signalbox_directory USING (true);
GRANT SELECT, INSERT, DELETE ON signalbox.flow_work TO signalbox_app;
GRANT UPDATE (owner, is_again, enqueued_at) ON signalbox.flow_work TO signalbox_app;
GRANT SELECT ON signalbox.flow_work TO signalbox_directory;
GRANT UPDATE (owner, is_again) ON signalbox.flow_work TO signalbox_directory;

-- Work is free when it has no owner, or when nobody holds its owner's advisory lock in this database: the server frees
-- that lock at once when the owner's listening connection ends, however it ended.
CREATE FUNCTION signalbox.claim_work(claimant bigint, wanted integer) RETURNS TABLE (tenant_id uuid, flow_id uuid)
    LANGUAGE sql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH alive AS MATERIALIZED (
            SELECT (l.classid::bigint << 32) | l.objid::bigint AS owner
            FROM pg_locks l
            WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
                AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        ), free AS MATERIALIZED (
            SELECT w.tenant_id, w.flow_id
            FROM signalbox.flow_work w
            WHERE w.owner IS NULL
                OR (w.owner <> claimant AND NOT EXISTS (SELECT FROM alive a WHERE a.owner = w.owner))
            ORDER BY w.enqueued_at
            LIMIT wanted
            FOR UPDATE SKIP LOCKED
        )
        UPDATE signalbox.flow_work w SET owner = claimant, is_again = false
        FROM free f
        WHERE w.tenant_id = f.tenant_id AND w.flow_id = f.flow_id
        RETURNING w.tenant_id, w.flow_id
    $$;

CREATE FUNCTION signalbox.release_work(holder bigint) RETURNS bigint
    LANGUAGE sql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH released AS (UPDATE signalbox.flow_work SET owner = NULL WHERE owner = holder RETURNING 1)
        SELECT count(*) FROM released
    $$;

REVOKE ALL ON FUNCTION signalbox.claim_work(bigint, integer), signalbox.release_work(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signalbox.claim_work(bigint, integer), signalbox.release_work(bigint) TO signalbox_app;
GRANT CREATE ON SCHEMA signalbox TO signalbox_directory;
ALTER FUNCTION signalbox.claim_work(bigint, integer) OWNER TO signalbox_directory;
ALTER FUNCTION signalbox.release_work(bigint) OWNER TO signalbox_directory;
REVOKE CREATE ON SCHEMA signalbox FROM signalbox_directory;
