-- The audit log: added to and read, nothing else. The triggers hold for owners and superusers too.

CREATE TABLE signalbox.audit_log (
    tenant_id uuid NOT NULL REFERENCES signalbox.tenants,
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    channel text NOT NULL,
    action text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    detail json NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_log_by_action ON signalbox.audit_log (tenant_id, action, id);
CREATE INDEX audit_log_by_subject ON signalbox.audit_log (tenant_id, subject, id);
ALTER TABLE signalbox.audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.audit_log FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.audit_log TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT ON signalbox.audit_log TO signalbox_app;
REVOKE UPDATE, DELETE, TRUNCATE ON signalbox.audit_log FROM CURRENT_USER;

CREATE FUNCTION signalbox.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON signalbox.audit_log
    FOR EACH ROW EXECUTE FUNCTION signalbox.refuse_audit_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON signalbox.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION signalbox.refuse_audit_change();
REVOKE ALL ON FUNCTION signalbox.refuse_audit_change() FROM PUBLIC;
