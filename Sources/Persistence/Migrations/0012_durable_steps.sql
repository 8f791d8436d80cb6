-- Steps that run more than once, what they did within their bodies, and the leases under which flows are run.

ALTER TABLE signalbox.flow_steps
    ADD COLUMN round integer NOT NULL DEFAULT 1 CHECK (round > 0),
    ADD COLUMN iteration integer NOT NULL DEFAULT 1 CHECK (iteration > 0),
    ADD COLUMN failures integer NOT NULL DEFAULT 0,
    -- When it goes on by itself: the end of a wait, the next attempt.
    ADD COLUMN due_at timestamptz,
    -- The position of the event that told its end.
    ADD COLUMN done_seq bigint,
    DROP CONSTRAINT flow_steps_pkey,
    DROP CONSTRAINT flow_steps_status_check,
    ADD PRIMARY KEY (tenant_id, flow_id, name, round),
    ADD CHECK (status IN ('running', 'waiting', 'suspended', 'ready', 'retrying', 'done', 'failed', 'skipped'));
GRANT UPDATE (failures, due_at, done_seq) ON signalbox.flow_steps TO signalbox_app;

ALTER TABLE signalbox.flows
    -- The version of the type's definition.
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN parent_id uuid,
    -- The position of the parent that the flow was forked from; null when a step of the parent started it.
    ADD COLUMN parent_seq bigint;

-- What a step did within its body, which is not done again when the body is run again.
CREATE TABLE signalbox.flow_effects (
    tenant_id uuid NOT NULL,
    flow_id uuid NOT NULL,
    step text COLLATE "C" NOT NULL,
    round integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL CHECK (kind IN ('run', 'ask', 'sleep', 'flow', 'emit')),
    is_done boolean NOT NULL,
    result json,
    due_at timestamptz,
    prompt_id uuid,
    child_id uuid,
    done_seq bigint,
    PRIMARY KEY (tenant_id, flow_id, step, round, name),
    FOREIGN KEY (tenant_id, flow_id) REFERENCES signalbox.flows (tenant_id, id)
);
ALTER TABLE signalbox.flow_effects ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.flow_effects FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.flow_effects TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT ON signalbox.flow_effects TO signalbox_app;
GRANT UPDATE (is_done, result, prompt_id, done_seq) ON signalbox.flow_effects TO signalbox_app;

-- A lease's number is never given twice, also not to a flow whose place in the queue was removed and made again, nor to one
-- that was moved to another database: each counts from somewhere else.
CREATE SEQUENCE signalbox.leases;
SELECT setval('signalbox.leases', (random() * 4611686018427387904)::bigint + 1);

ALTER TABLE signalbox.flow_work
    -- Set anew each time somebody takes the flow. A commit of whoever had it before names the number from then.
    ADD COLUMN lease bigint,
    -- Nobody takes it before.
    ADD COLUMN due_at timestamptz NOT NULL DEFAULT now();
DROP INDEX signalbox.flow_work_queue;
CREATE INDEX flow_work_free ON signalbox.flow_work (tenant_id, due_at) WHERE owner IS NULL;
CREATE INDEX flow_work_again ON signalbox.flow_work (owner) WHERE is_again;
CREATE INDEX flow_work_due ON signalbox.flow_work (due_at) WHERE owner IS NULL;
GRANT UPDATE (due_at) ON signalbox.flow_work TO signalbox_app;
GRANT UPDATE (lease) ON signalbox.flow_work TO signalbox_directory;

-- Until when a node counts as alive without saying so again: one that is stopped keeps its connection, and so its lock.
CREATE TABLE signalbox.nodes (
    id bigint PRIMARY KEY,
    alive_until timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON signalbox.nodes TO signalbox_directory;

DROP FUNCTION signalbox.claim_work(bigint, integer);

-- Gives a node flows to run, the tenants in turns, and notes that the node is alive. What belongs to nodes that are not
-- is free: those that hold no advisory lock of their number, which the server frees at once when the listening connection
-- ends, or that have not called in time. With each lease comes the time it was given at; without one the flows that the
-- node runs and should look at again. The last row has no flow and the time at which the next one is due.
CREATE FUNCTION signalbox.claim_work(claimant bigint, wanted integer, patience integer, held bigint[])
    RETURNS TABLE (tenant_id uuid, flow_id uuid, lease bigint, at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        #variable_conflict use_column
        DECLARE
            present timestamptz := clock_timestamp();
            frozen uuid[] := ARRAY(
                SELECT substr(t.tgname::text, 8, 36)::uuid
                FROM pg_trigger t
                WHERE t.tgrelid = 'signalbox.flow_work'::regclass AND t.tgname LIKE 'frozen\_%'
            );
            dead bigint[];
            waiting uuid[];
            share integer;
            tenant uuid;
            taken integer := 0;
            given integer;
        BEGIN
            INSERT INTO signalbox.nodes AS n (id, alive_until)
                VALUES (claimant, present + make_interval(secs => patience))
                ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until;

            WITH RECURSIVE owners AS (
                (SELECT w.owner FROM signalbox.flow_work w WHERE w.owner IS NOT NULL ORDER BY w.owner LIMIT 1)
                UNION ALL
                SELECT (SELECT w.owner FROM signalbox.flow_work w WHERE w.owner > o.owner ORDER BY w.owner LIMIT 1)
                FROM owners o WHERE o.owner IS NOT NULL
            ), locked AS MATERIALIZED (
                SELECT (l.classid::bigint << 32) | l.objid::bigint AS owner
                FROM pg_locks l
                WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
                    AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
            )
            SELECT array_agg(o.owner) INTO dead FROM owners o
            WHERE o.owner <> claimant AND (
                NOT EXISTS (SELECT FROM locked l WHERE l.owner = o.owner)
                OR EXISTS (SELECT FROM signalbox.nodes n WHERE n.id = o.owner AND n.alive_until < present)
            );
            IF dead IS NOT NULL THEN
                UPDATE signalbox.flow_work w SET owner = NULL
                FROM (
                    SELECT f.tenant_id, f.flow_id FROM signalbox.flow_work f
                    WHERE f.owner = ANY (dead) AND f.tenant_id <> ALL (frozen)
                    FOR UPDATE SKIP LOCKED
                ) AS f
                WHERE w.tenant_id = f.tenant_id AND w.flow_id = f.flow_id;
                DELETE FROM signalbox.nodes n WHERE n.alive_until < present - interval '1 day';
            END IF;

            -- Leases that were given and never arrived.
            IF held IS NOT NULL THEN
                UPDATE signalbox.flow_work w SET owner = NULL
                WHERE w.owner = claimant AND w.lease <> ALL (held) AND w.tenant_id <> ALL (frozen);
            END IF;

            RETURN QUERY
                UPDATE signalbox.flow_work w SET is_again = false WHERE w.owner = claimant AND w.is_again
                RETURNING w.tenant_id, w.flow_id, w.lease, NULL::timestamptz;

            IF wanted > 0 THEN
                WITH RECURSIVE tenants AS (
                    (SELECT w.tenant_id FROM signalbox.flow_work w WHERE w.owner IS NULL ORDER BY w.tenant_id LIMIT 1)
                    UNION ALL
                    SELECT (
                        SELECT w.tenant_id FROM signalbox.flow_work w
                        WHERE w.owner IS NULL AND w.tenant_id > t.tenant_id ORDER BY w.tenant_id LIMIT 1
                    ) FROM tenants t WHERE t.tenant_id IS NOT NULL
                )
                -- In another order each time: where there are more tenants than places, each has its turn.
                SELECT array_agg(t.tenant_id ORDER BY random()) INTO waiting
                FROM tenants t WHERE t.tenant_id <> ALL (frozen);
            END IF;
            WHILE waiting IS NOT NULL AND taken < wanted LOOP
                share := greatest(1, (wanted - taken) / cardinality(waiting));
                FOREACH tenant IN ARRAY waiting LOOP
                    EXIT WHEN taken >= wanted;
                    RETURN QUERY
                        UPDATE signalbox.flow_work w
                        SET owner = claimant, is_again = false, lease = nextval('signalbox.leases')
                        FROM (
                            SELECT f.flow_id FROM signalbox.flow_work f
                            WHERE f.owner IS NULL AND f.tenant_id = tenant AND f.due_at <= present
                            ORDER BY f.due_at LIMIT share
                            FOR UPDATE SKIP LOCKED
                        ) AS f
                        WHERE w.tenant_id = tenant AND w.flow_id = f.flow_id
                        RETURNING w.tenant_id, w.flow_id, w.lease, present;
                    GET DIAGNOSTICS given = ROW_COUNT;
                    taken := taken + given;
                    IF given < share THEN waiting := array_remove(waiting, tenant); END IF;
                END LOOP;
                IF cardinality(waiting) = 0 THEN waiting := NULL; END IF;
            END LOOP;

            RETURN QUERY
                SELECT NULL::uuid, NULL::uuid, NULL::bigint, (
                    SELECT w.due_at FROM signalbox.flow_work w
                    WHERE w.owner IS NULL AND w.due_at > present ORDER BY w.due_at LIMIT 1
                );
        END
    $$;

-- A node that ends says so, and need not be waited for.
CREATE OR REPLACE FUNCTION signalbox.release_work(holder bigint) RETURNS bigint
    LANGUAGE sql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        DELETE FROM signalbox.nodes WHERE id = holder;
        WITH released AS (UPDATE signalbox.flow_work SET owner = NULL WHERE owner = holder RETURNING 1)
        SELECT count(*) FROM released
    $$;

REVOKE ALL ON FUNCTION signalbox.claim_work(bigint, integer, integer, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signalbox.claim_work(bigint, integer, integer, bigint[]) TO signalbox_app;
GRANT USAGE ON SEQUENCE signalbox.leases TO signalbox_directory;
GRANT CREATE ON SCHEMA signalbox TO signalbox_directory;
ALTER FUNCTION signalbox.claim_work(bigint, integer, integer, bigint[]) OWNER TO signalbox_directory;
REVOKE CREATE ON SCHEMA signalbox FROM signalbox_directory;
