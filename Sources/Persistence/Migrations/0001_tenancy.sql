-- Tenants, people and their sessions.
--
-- The rule of every table: row-level security is enabled and forced, and the one policy of the application role compares
-- tenant_id with the setting app.tenant_id. Without the setting current_setting() fails, and so does the query.

REVOKE ALL ON SCHEMA signalbox FROM PUBLIC;
GRANT USAGE ON SCHEMA signalbox TO signalbox_app, signalbox_directory;

CREATE TABLE signalbox.tenants (
    id uuid PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 100),
    -- The epoch of the tenant's live lists.
    epoch text NOT NULL DEFAULT left(replace(gen_random_uuid()::text, '-', ''), 12),
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE signalbox.tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.tenants TO signalbox_app, CURRENT_USER
    USING (id = current_setting('app.tenant_id')::uuid);
CREATE POLICY directory ON signalbox.tenants FOR SELECT TO signalbox_directory USING (true);
GRANT SELECT ON signalbox.tenants TO signalbox_app;
GRANT SELECT (id, name) ON signalbox.tenants TO signalbox_directory;

CREATE TABLE signalbox.users (
    tenant_id uuid NOT NULL REFERENCES signalbox.tenants,
    id uuid NOT NULL,
    email text COLLATE "C" NOT NULL,
    name text NOT NULL,
    roles text[] NOT NULL,
    password_hash text NOT NULL,
    is_disabled boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, email)
);
ALTER TABLE signalbox.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.users FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.users TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT ON signalbox.users TO signalbox_app;
GRANT UPDATE (name, roles, password_hash, is_disabled) ON signalbox.users TO signalbox_app;

CREATE TABLE signalbox.sessions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    cookie_hash bytea NOT NULL,
    refresh_hash bytea NOT NULL,
    refresh_generation bigint NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES signalbox.users (tenant_id, id)
);
CREATE INDEX sessions_user ON signalbox.sessions (tenant_id, user_id);
ALTER TABLE signalbox.sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.sessions TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT ON signalbox.sessions TO signalbox_app;
GRANT UPDATE (refresh_hash, refresh_generation, revoked_at) ON signalbox.sessions TO signalbox_app;

-- The one look-up that happens before a tenant is known.
CREATE FUNCTION signalbox.tenant_by_name(wanted text) RETURNS TABLE (id uuid, name text)
    LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS 'SELECT t.id, t.name FROM signalbox.tenants t WHERE t.name = wanted';
CREATE FUNCTION signalbox.tenant_by_id(wanted uuid) RETURNS TABLE (id uuid, name text)
    LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS 'SELECT t.id, t.name FROM signalbox.tenants t WHERE t.id = wanted';

REVOKE ALL ON FUNCTION signalbox.tenant_by_name(text), signalbox.tenant_by_id(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signalbox.tenant_by_name(text), signalbox.tenant_by_id(uuid) TO signalbox_app, CURRENT_USER;

-- A new owner needs CREATE on the schema for the moment of the change.
GRANT CREATE ON SCHEMA signalbox TO signalbox_directory;
ALTER FUNCTION signalbox.tenant_by_name(text) OWNER TO signalbox_directory;
ALTER FUNCTION signalbox.tenant_by_id(uuid) OWNER TO signalbox_directory;
REVOKE CREATE ON SCHEMA signalbox FROM signalbox_directory;
