-- Answers kept under an Idempotency-Key.

CREATE TABLE signalbox.idempotency_keys (
    tenant_id uuid NOT NULL REFERENCES signalbox.tenants,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    request_digest text NOT NULL,
    status integer NOT NULL,
    body json NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, subject, key)
);
ALTER TABLE signalbox.idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.idempotency_keys TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT ON signalbox.idempotency_keys TO signalbox_app;
GRANT UPDATE (request_digest, status, body, created_at) ON signalbox.idempotency_keys TO signalbox_app;
