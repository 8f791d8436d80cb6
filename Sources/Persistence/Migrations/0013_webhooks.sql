-- Where tenants want to be told of what happens, and what is on its way to them. What is to be told is stored by the
-- statement that stores the events themselves.

CREATE TABLE signalbox.webhooks (
    tenant_id uuid NOT NULL REFERENCES signalbox.tenants,
    id uuid NOT NULL,
    url text NOT NULL,
    description text NOT NULL,
    -- Kinds of events: whole, by their beginning (prompt.*), or all (*).
    events text[] COLLATE "C" NOT NULL,
    is_enabled boolean NOT NULL,
    disabled_reason text,
    -- Messages are signed with it, so it must be known and not only its hash.
    secret bytea NOT NULL,
    former_secret bytea,
    former_secret_until timestamptz,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CHECK ((former_secret IS NULL) = (former_secret_until IS NULL))
);
CREATE INDEX webhooks_newest ON signalbox.webhooks (tenant_id, created_at, id);
ALTER TABLE signalbox.webhooks ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.webhooks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.webhooks TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE POLICY directory_select ON signalbox.webhooks FOR SELECT TO signalbox_directory USING (true);
GRANT SELECT, INSERT, DELETE ON signalbox.webhooks TO signalbox_app;
GRANT UPDATE (url, description, events, is_enabled, disabled_reason, secret, former_secret, former_secret_until, updated_at)
    ON signalbox.webhooks TO signalbox_app;
GRANT SELECT (tenant_id, id, is_enabled) ON signalbox.webhooks TO signalbox_directory;

-- No foreign keys: they would have a commit of events fail because a webhook is removed in the same moment.
CREATE TABLE signalbox.webhook_deliveries (
    tenant_id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    -- Of the event: the same for all webhooks and attempts.
    id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    -- Null for a test.
    flow_id uuid,
    flow_type text,
    flow_title text,
    epoch text,
    seq bigint,
    -- Copies, because history is dropped sooner than a receiver may be back.
    event json NOT NULL,
    patch json,
    created_at timestamptz NOT NULL,
    status text COLLATE "C" NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- While somebody tries it: until when nobody else does. It tells one claim from the next.
    leased_until timestamptz,
    last_attempt_at timestamptz,
    last_status_code integer,
    last_error text,
    PRIMARY KEY (tenant_id, webhook_id, id)
);
CREATE INDEX webhook_deliveries_due ON signalbox.webhook_deliveries (tenant_id, webhook_id, next_at)
    WHERE status = 'pending';
CREATE INDEX webhook_deliveries_leased ON signalbox.webhook_deliveries (tenant_id, webhook_id, leased_until)
    WHERE leased_until IS NOT NULL;
CREATE INDEX webhook_deliveries_newest ON signalbox.webhook_deliveries (tenant_id, webhook_id, created_at, id);
CREATE INDEX webhook_deliveries_by_status ON signalbox.webhook_deliveries
    (tenant_id, webhook_id, status, created_at, id);
CREATE INDEX webhook_deliveries_done ON signalbox.webhook_deliveries (created_at) WHERE status = 'delivered';
CREATE INDEX webhook_deliveries_old ON signalbox.webhook_deliveries (created_at) WHERE status <> 'delivered';
ALTER TABLE signalbox.webhook_deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.webhook_deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.webhook_deliveries TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE POLICY directory_select ON signalbox.webhook_deliveries FOR SELECT TO signalbox_directory USING (true);
CREATE POLICY directory_update ON signalbox.webhook_deliveries FOR UPDATE TO signalbox_directory USING (true);
CREATE POLICY directory_delete ON signalbox.webhook_deliveries FOR DELETE TO signalbox_directory
    USING (created_at <= now() - interval '7 days');
GRANT SELECT, INSERT, DELETE ON signalbox.webhook_deliveries TO signalbox_app;
GRANT UPDATE (status, attempts, next_at, leased_until, last_attempt_at, last_status_code, last_error)
    ON signalbox.webhook_deliveries TO signalbox_app;
GRANT SELECT (tenant_id, webhook_id, id, created_at, status, attempts, next_at, leased_until), DELETE
    ON signalbox.webhook_deliveries TO signalbox_directory;
GRANT UPDATE (attempts, next_at, leased_until) ON signalbox.webhook_deliveries TO signalbox_directory;

-- Takes deliveries that are due: of each webhook no more than `most` at once on all nodes together, and of all in turns, so
-- that none waits for the others. Whoever took one is alone with it until its lease ends, whatever becomes of them.
CREATE FUNCTION signalbox.claim_deliveries(wanted integer, most integer, lease interval)
    RETURNS TABLE (tenant_id uuid, webhook_id uuid, id uuid, attempt integer, leased_until timestamptz)
    LANGUAGE plpgsql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        #variable_conflict use_column
        DECLARE
            moment timestamptz;
        BEGIN
            -- One after the other: two that count at the same time what is on its way would both find room.
            PERFORM pg_advisory_xact_lock(hashtext('signalbox.claim_deliveries'), 0);
            moment := clock_timestamp();
            RETURN QUERY
            -- Jumps from webhook to webhook in the index, however much waits for each.
            WITH RECURSIVE queues AS (
                (
                    SELECT d.tenant_id, d.webhook_id FROM signalbox.webhook_deliveries d
                    WHERE d.status = 'pending'
                    ORDER BY d.tenant_id, d.webhook_id LIMIT 1
                )
                UNION ALL
                SELECT n.tenant_id, n.webhook_id FROM queues q, LATERAL (
                    SELECT d.tenant_id, d.webhook_id FROM signalbox.webhook_deliveries d
                    WHERE d.status = 'pending' AND (d.tenant_id, d.webhook_id) > (q.tenant_id, q.webhook_id)
                    ORDER BY d.tenant_id, d.webhook_id LIMIT 1
                ) n
            ), frozen AS MATERIALIZED (
                SELECT substr(t.tgname::text, 8, 36)::uuid AS tenant_id
                FROM pg_trigger t
                WHERE t.tgrelid = 'signalbox.webhook_deliveries'::regclass AND t.tgname LIKE 'frozen\_%'
            ), open AS MATERIALIZED (
                SELECT q.tenant_id, q.webhook_id, most - (
                    SELECT count(*) FROM signalbox.webhook_deliveries l
                    WHERE l.tenant_id = q.tenant_id AND l.webhook_id = q.webhook_id AND l.leased_until > moment
                ) AS room
                FROM queues q JOIN signalbox.webhooks w ON w.tenant_id = q.tenant_id AND w.id = q.webhook_id
                WHERE w.is_enabled AND NOT EXISTS (SELECT FROM frozen f WHERE f.tenant_id = q.tenant_id)
            ), due AS MATERIALIZED (
                SELECT d.tenant_id, d.webhook_id, d.id, d.next_at
                FROM open o, LATERAL (
                    SELECT d.tenant_id, d.webhook_id, d.id, d.next_at FROM signalbox.webhook_deliveries d
                    WHERE d.tenant_id = o.tenant_id AND d.webhook_id = o.webhook_id
                        AND d.status = 'pending' AND d.next_at <= moment
                    ORDER BY d.next_at LIMIT greatest(o.room, 0)
                    FOR UPDATE SKIP LOCKED
                ) d
            ), taken AS MATERIALIZED (
                SELECT d.tenant_id, d.webhook_id, d.id FROM (
                    SELECT d.tenant_id, d.webhook_id, d.id, d.next_at,
                        row_number() OVER (PARTITION BY d.tenant_id, d.webhook_id ORDER BY d.next_at) AS turn
                    FROM due d
                ) d
                ORDER BY d.turn, d.next_at LIMIT wanted
            )
            UPDATE signalbox.webhook_deliveries d
            SET attempts = d.attempts + 1, next_at = moment + lease, leased_until = moment + lease
            FROM taken t
            WHERE d.tenant_id = t.tenant_id AND d.webhook_id = t.webhook_id AND d.id = t.id
            RETURNING d.tenant_id, d.webhook_id, d.id, d.attempts, d.leased_until;
        END
    $$;

-- What was delivered is kept for a week, what was not for 30 days.
CREATE FUNCTION signalbox.forget_deliveries(wanted integer) RETURNS bigint
    LANGUAGE sql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH old AS MATERIALIZED (
            (
                SELECT d.tenant_id, d.webhook_id, d.id FROM signalbox.webhook_deliveries d
                WHERE d.status = 'delivered' AND d.created_at <= now() - interval '7 days'
                ORDER BY d.created_at LIMIT wanted
            )
            UNION ALL
            (
                SELECT d.tenant_id, d.webhook_id, d.id FROM signalbox.webhook_deliveries d
                WHERE d.status <> 'delivered' AND d.created_at <= now() - interval '30 days'
                ORDER BY d.created_at LIMIT wanted
            )
            LIMIT wanted
        ), forgotten AS (
            DELETE FROM signalbox.webhook_deliveries d USING old
            WHERE (d.tenant_id, d.webhook_id, d.id) = (old.tenant_id, old.webhook_id, old.id)
            RETURNING 1
        )
        SELECT count(*) FROM forgotten
    $$;

REVOKE ALL ON FUNCTION signalbox.claim_deliveries(integer, integer, interval), signalbox.forget_deliveries(integer)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signalbox.claim_deliveries(integer, integer, interval), signalbox.forget_deliveries(integer)
    TO signalbox_app;
GRANT CREATE ON SCHEMA signalbox TO signalbox_directory;
ALTER FUNCTION signalbox.claim_deliveries(integer, integer, interval) OWNER TO signalbox_directory;
ALTER FUNCTION signalbox.forget_deliveries(integer) OWNER TO signalbox_directory;
REVOKE CREATE ON SCHEMA signalbox FROM signalbox_directory;
