-- Moving a tenant to another database: its writes are refused here for as long as its tables have triggers that name it.
--
-- The triggers are made when a move begins, so that nothing is looked at while no tenant is moving. They are called
-- frozen_<tenant> and frozen_<tenant>_delete. The comment on the first of `tenants` is the number of the freeze, by which a
-- complete copy is told from one that is not, or that was made in an earlier freeze.

CREATE FUNCTION signalbox.refuse_frozen() RETURNS trigger LANGUAGE plpgsql
    AS $$
        BEGIN
            -- The move itself: it says in its transaction which tenant it is about.
            IF current_setting('signalbox.moving', true) = TG_ARGV[0] THEN
                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
            END IF;
            -- The queue of all tenants passes over the work of one that is moving; what has expired may go all the same.
            IF current_user = 'signalbox_directory' THEN
                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NULL END;
            END IF;
            -- Rows without a partition of their own are moved to it; nobody else can remove any of them.
            IF TG_OP = 'DELETE' AND TG_TABLE_NAME LIKE '%\_default' THEN RETURN OLD; END IF;
            RAISE EXCEPTION 'the tenant is being moved to another database' USING ERRCODE = 'SB001';
        END
    $$;
REVOKE ALL ON FUNCTION signalbox.refuse_frozen() FROM PUBLIC;

-- The audit log goes with its tenant, when that one lives in another database.
CREATE OR REPLACE FUNCTION signalbox.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql
    AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND EXISTS (
                SELECT FROM pg_catalog.pg_trigger t
                WHERE t.tgrelid = TG_RELID AND t.tgname = 'frozen_' || OLD.tenant_id
            ) AND current_setting('signalbox.moving', true) = OLD.tenant_id::text THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
        END
    $$;

-- As before, but for the work of tenants that are frozen: it would fill the claim and could not be taken.
CREATE OR REPLACE FUNCTION signalbox.claim_work(claimant bigint, wanted integer)
    RETURNS TABLE (tenant_id uuid, flow_id uuid)
    LANGUAGE sql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH alive AS MATERIALIZED (
            SELECT (l.classid::bigint << 32) | l.objid::bigint AS owner
            FROM pg_locks l
            WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
                AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        ), frozen AS MATERIALIZED (
            SELECT substr(t.tgname::text, 8, 36)::uuid AS tenant_id
            FROM pg_trigger t
            WHERE t.tgrelid = 'signalbox.flow_work'::regclass AND t.tgname LIKE 'frozen\_%'
        ), free AS MATERIALIZED (
            SELECT w.tenant_id, w.flow_id
            FROM signalbox.flow_work w
            WHERE (w.owner IS NULL
                    OR (w.owner <> claimant AND NOT EXISTS (SELECT FROM alive a WHERE a.owner = w.owner)))
                AND NOT EXISTS (SELECT FROM frozen f WHERE f.tenant_id = w.tenant_id)
            ORDER BY w.enqueued_at
            LIMIT wanted
            FOR UPDATE OF w SKIP LOCKED
        )
        UPDATE signalbox.flow_work w SET owner = claimant, is_again = false
        FROM free f
        WHERE w.tenant_id = f.tenant_id AND w.flow_id = f.flow_id
        RETURNING w.tenant_id, w.flow_id
    $$;
