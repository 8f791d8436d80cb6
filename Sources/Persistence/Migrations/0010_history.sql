-- What has happened is kept in partitions by time, so that what is older than wanted can be dropped at once. The present
-- state of a flow is in its row, whatever is dropped.
--
-- The times of a flow's events never go back, and lie between its created_at and its updated_at: so a reader of one flow
-- looks into no partition from before its life. What is dropped of a flow are its first events.

ALTER TABLE signalbox.flow_events RENAME TO flow_events_first;
ALTER TABLE signalbox.flow_events_first DROP CONSTRAINT flow_events_pkey;
ALTER TABLE signalbox.view_changes RENAME TO view_changes_first;
ALTER TABLE signalbox.view_changes_first DROP CONSTRAINT view_changes_pkey;
ALTER TABLE signalbox.view_changes_first ALTER COLUMN at SET DEFAULT clock_timestamp();

-- Clocks of several nodes may have differed.
ALTER TABLE signalbox.flow_events_first NO FORCE ROW LEVEL SECURITY;
ALTER TABLE signalbox.view_changes_first NO FORCE ROW LEVEL SECURITY;
ALTER TABLE signalbox.flows NO FORCE ROW LEVEL SECURITY;
UPDATE signalbox.flow_events_first e SET at = o.at
FROM (
    SELECT tenant_id, flow_id, seq, max(at) OVER (PARTITION BY tenant_id, flow_id ORDER BY seq) AS at
    FROM signalbox.flow_events_first
) AS o
WHERE (e.tenant_id, e.flow_id, e.seq) = (o.tenant_id, o.flow_id, o.seq) AND e.at < o.at;
UPDATE signalbox.flows f SET created_at = least(f.created_at, e.first), updated_at = greatest(f.updated_at, e.last)
FROM (
    SELECT tenant_id, flow_id, min(at) AS first, max(at) AS last FROM signalbox.flow_events_first GROUP BY 1, 2
) AS e
WHERE (f.tenant_id, f.id) = (e.tenant_id, e.flow_id) AND (f.created_at > e.first OR f.updated_at < e.last);
ALTER TABLE signalbox.flows FORCE ROW LEVEL SECURITY;

CREATE TABLE signalbox.flow_events (LIKE signalbox.flow_events_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY RANGE (at);
ALTER TABLE signalbox.flow_events ADD PRIMARY KEY (tenant_id, flow_id, seq, at);

CREATE TABLE signalbox.view_changes (LIKE signalbox.view_changes_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY RANGE (at);
ALTER TABLE signalbox.view_changes ADD PRIMARY KEY (tenant_id, view, seq, at);
ALTER TABLE signalbox.view_changes ADD FOREIGN KEY (tenant_id, view) REFERENCES signalbox.views (tenant_id, view);

-- States to fold later events into: before the first event of each day (UTC), at whose turns partitions begin, and now and
-- then in between.
CREATE TABLE signalbox.flow_snapshots (
    tenant_id uuid NOT NULL,
    flow_id uuid NOT NULL,
    -- The last position that is included.
    seq bigint NOT NULL CHECK (seq > 0),
    state json NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, flow_id, seq, at)
) PARTITION BY RANGE (at);
CREATE TABLE signalbox.flow_snapshots_first (LIKE signalbox.flow_snapshots INCLUDING CONSTRAINTS);

DO $$
DECLARE
    parent text;
    -- The next midnight after everything there is.
    bound text := to_char(
        date_trunc('day', greatest(
            now(),
            (SELECT max(e.at) FROM signalbox.flow_events_first e),
            (SELECT max(c.at) FROM signalbox.view_changes_first c)
        ) AT TIME ZONE 'UTC') + interval '1 day',
        'YYYY-MM-DD'
    );
BEGIN
    FOREACH parent IN ARRAY ARRAY['flow_events', 'flow_snapshots', 'view_changes'] LOOP
        EXECUTE format('DROP POLICY IF EXISTS tenant ON signalbox.%I', parent || '_first');
        EXECUTE format('REVOKE ALL ON signalbox.%I FROM signalbox_app', parent || '_first');
        EXECUTE format(
            'ALTER TABLE signalbox.%I ATTACH PARTITION signalbox.%I FOR VALUES FROM (MINVALUE) TO (%L)',
            parent, parent || '_first', bound || ' 00:00:00+00'
        );
        -- For times that have no partition yet: nobody was there to make it, or a clock is ahead.
        EXECUTE format('CREATE TABLE signalbox.%I PARTITION OF signalbox.%I DEFAULT', parent || '_default', parent);
        EXECUTE format('ALTER TABLE signalbox.%I ENABLE ROW LEVEL SECURITY', parent || '_first');
        EXECUTE format('ALTER TABLE signalbox.%I FORCE ROW LEVEL SECURITY', parent || '_first');
        EXECUTE format('ALTER TABLE signalbox.%I ENABLE ROW LEVEL SECURITY', parent || '_default');
        EXECUTE format('ALTER TABLE signalbox.%I FORCE ROW LEVEL SECURITY', parent || '_default');
        EXECUTE format('ALTER TABLE signalbox.%I ENABLE ROW LEVEL SECURITY', parent);
        EXECUTE format('ALTER TABLE signalbox.%I FORCE ROW LEVEL SECURITY', parent);
        EXECUTE format(
            'CREATE POLICY tenant ON signalbox.%I TO signalbox_app, CURRENT_USER
                USING (tenant_id = current_setting(''app.tenant_id'')::uuid)',
            parent
        );
        EXECUTE format('GRANT SELECT, INSERT ON signalbox.%I TO signalbox_app', parent);
    END LOOP;
END
$$;

-- The partitions of a table with the times at which they end; the spare one has none.
CREATE FUNCTION signalbox.history_partitions(parent text) RETURNS TABLE (name text, ends timestamptz)
    LANGUAGE sql STABLE STRICT
    SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO'
    AS $$
        SELECT c.relname::text, substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''([^'']+)''\)')::timestamptz
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = format('signalbox.%I', parent)::regclass
    $$;
REVOKE ALL ON FUNCTION signalbox.history_partitions(text) FROM PUBLIC;

-- Makes the partitions of the time that comes, and drops those in which everything is older than `keep`; none when that is
-- null. One table at a time, so that its locks are held for a moment only; whoever does not get them tries again.
CREATE FUNCTION signalbox.maintain_history(parent text, keep interval, unit text)
    RETURNS TABLE (made integer, dropped integer)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO' SET lock_timeout = '500ms'
    AS $$
        DECLARE
            spare text := parent || '_default';
            part text;
            starts timestamptz;
            ends timestamptz;
        BEGIN
            IF parent IS NULL OR parent NOT IN ('flow_events', 'flow_snapshots', 'view_changes') THEN
                RAISE EXCEPTION 'parent is none of the tables of history' USING ERRCODE = 'invalid_parameter_value';
            END IF;
            IF unit IS NULL OR unit NOT IN ('day', 'week', 'month') THEN
                RAISE EXCEPTION 'unit is none of day, week, month' USING ERRCODE = 'invalid_parameter_value';
            END IF;
            IF keep < interval '1 day' THEN
                RAISE EXCEPTION 'keep is less than a day' USING ERRCODE = 'invalid_parameter_value';
            END IF;
            made := 0;
            dropped := 0;
            -- One at a time; the others find it done.
            IF NOT pg_try_advisory_xact_lock(hashtext('signalbox.maintain_history'), hashtext(parent)) THEN
                RETURN NEXT;
                RETURN;
            END IF;

            SELECT max(p.ends) INTO starts FROM signalbox.history_partitions(parent) p;
            WHILE starts < now() + 2 * ('1 ' || unit)::interval LOOP
                ends := date_trunc(unit, starts) + ('1 ' || unit)::interval;
                part := parent || to_char(starts, '_YYYYMMDD');
                EXECUTE format('CREATE TABLE signalbox.%I (LIKE signalbox.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                    part, parent);
                -- What came before its partition was made: the owner may touch it only while no policy binds it.
                EXECUTE format('ALTER TABLE signalbox.%I NO FORCE ROW LEVEL SECURITY', spare);
                EXECUTE format(
                    'WITH moved AS (DELETE FROM signalbox.%I WHERE at >= %L AND at < %L RETURNING *)
                        INSERT INTO signalbox.%I SELECT * FROM moved',
                    spare, starts, ends, part
                );
                EXECUTE format('ALTER TABLE signalbox.%I FORCE ROW LEVEL SECURITY', spare);
                EXECUTE format('ALTER TABLE signalbox.%I ENABLE ROW LEVEL SECURITY', part);
                EXECUTE format('ALTER TABLE signalbox.%I FORCE ROW LEVEL SECURITY', part);
                EXECUTE format('ALTER TABLE signalbox.%I ATTACH PARTITION signalbox.%I FOR VALUES FROM (%L) TO (%L)',
                    parent, part, starts, ends);
                made := made + 1;
                starts := ends;
            END LOOP;

            FOR part IN SELECT p.name FROM signalbox.history_partitions(parent) p WHERE p.ends <= now() - keep LOOP
                EXECUTE format('DROP TABLE signalbox.%I', part);
                dropped := dropped + 1;
            END LOOP;
            RETURN NEXT;
        END
    $$;
REVOKE ALL ON FUNCTION signalbox.maintain_history(text, interval, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signalbox.maintain_history(text, interval, text) TO signalbox_app;

-- Answers under an Idempotency-Key count for a day.
CREATE INDEX idempotency_keys_by_age ON signalbox.idempotency_keys (created_at);
CREATE POLICY directory_select ON signalbox.idempotency_keys FOR SELECT TO signalbox_directory
    USING (created_at <= now() - interval '1 day');
CREATE POLICY directory_delete ON signalbox.idempotency_keys FOR DELETE TO signalbox_directory
    USING (created_at <= now() - interval '1 day');
GRANT SELECT (tenant_id, subject, key, created_at), DELETE ON signalbox.idempotency_keys TO signalbox_directory;
CREATE FUNCTION signalbox.forget_answers(wanted integer) RETURNS bigint
    LANGUAGE sql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH old AS MATERIALIZED (
            SELECT k.tenant_id, k.subject, k.key FROM signalbox.idempotency_keys k
            WHERE k.created_at <= now() - interval '1 day'
            ORDER BY k.created_at
            LIMIT wanted
        ), forgotten AS (
            DELETE FROM signalbox.idempotency_keys k USING old
            WHERE (k.tenant_id, k.subject, k.key) = (old.tenant_id, old.subject, old.key)
                AND k.created_at <= now() - interval '1 day'
            RETURNING 1
        )
        SELECT count(*) FROM forgotten
    $$;
REVOKE ALL ON FUNCTION signalbox.forget_answers(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signalbox.forget_answers(integer) TO signalbox_app;
GRANT CREATE ON SCHEMA signalbox TO signalbox_directory;
ALTER FUNCTION signalbox.forget_answers(integer) OWNER TO signalbox_directory;
REVOKE CREATE ON SCHEMA signalbox FROM signalbox_directory;
