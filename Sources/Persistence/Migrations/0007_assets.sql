-- The inventory.

CREATE TABLE signalbox.assets (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    flow_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    type text COLLATE "C",
    environment text COLLATE "C",
    attributes json NOT NULL,
    -- Name and attribute values in lower case, one a line.
    search text COLLATE "C" NOT NULL,
    source_row bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, flow_id, key),
    FOREIGN KEY (tenant_id, flow_id) REFERENCES signalbox.flows (tenant_id, id)
);
CREATE INDEX assets_by_name ON signalbox.assets (tenant_id, name, id);
CREATE INDEX assets_by_environment ON signalbox.assets (tenant_id, environment, name, id);
CREATE INDEX assets_by_type ON signalbox.assets (tenant_id, type, name, id);
CREATE INDEX assets_by_flow ON signalbox.assets (tenant_id, flow_id, name, id);
ALTER TABLE signalbox.assets ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.assets FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.assets TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE POLICY directory ON signalbox.assets FOR SELECT TO signalbox_directory USING (true);
GRANT SELECT, INSERT ON signalbox.assets TO signalbox_app;
GRANT UPDATE (name, type, environment, attributes, search, source_row) ON signalbox.assets TO signalbox_app;
GRANT SELECT (tenant_id, id, flow_id, name, type, environment, search) ON signalbox.assets TO signalbox_directory;

-- pg_trgm is trusted, so the owner of the database may create it; a minimal installation may lack it. Searches then read
-- the tenant's assets in order of their names.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA signalbox;
    CREATE INDEX assets_search ON signalbox.assets USING gin (search signalbox.gin_trgm_ops);
EXCEPTION WHEN undefined_file OR feature_not_supported OR insufficient_privilege OR undefined_object THEN
    RAISE NOTICE 'pg_trgm is not available';
END
$$;

-- LIKE is not leakproof, so under row-level security it can never use an index. This function reads without the policy
-- and names the tenant itself, from the same setting, and gives back ids only: the rows are then read under the policy.
CREATE FUNCTION signalbox.search_assets(
    pattern text, in_environment text, of_type text, of_flow uuid, after_name text, after_id uuid, wanted bigint
) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        BEGIN
            -- EXECUTE plans for the actual values: whether the pattern or the order is the better way in depends on them.
            RETURN QUERY EXECUTE
                'SELECT a.id FROM signalbox.assets a WHERE a.tenant_id = $1 AND a.search LIKE $2'
                || CASE WHEN in_environment IS NULL THEN '' ELSE ' AND a.environment = $3' END
                || CASE WHEN of_type IS NULL THEN '' ELSE ' AND a.type = $4' END
                || CASE WHEN of_flow IS NULL THEN '' ELSE ' AND a.flow_id = $5' END
                || CASE WHEN after_name IS NULL THEN '' ELSE ' AND (a.name, a.id) > ($6, $7)' END
                || ' ORDER BY a.name, a.id LIMIT $8'
                USING current_setting('app.tenant_id')::uuid, pattern, in_environment, of_type, of_flow, after_name,
                    after_id, wanted;
        END
    $$;
REVOKE ALL ON FUNCTION signalbox.search_assets(text, text, text, uuid, text, uuid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signalbox.search_assets(text, text, text, uuid, text, uuid, bigint) TO signalbox_app;
GRANT CREATE ON SCHEMA signalbox TO signalbox_directory;
ALTER FUNCTION signalbox.search_assets(text, text, text, uuid, text, uuid, bigint) OWNER TO signalbox_directory;
REVOKE CREATE ON SCHEMA signalbox FROM signalbox_directory;
