-- Prompts and the decisions made on them.

CREATE TABLE signalbox.prompts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    flow_id uuid NOT NULL,
    run_id uuid,
    step text NOT NULL,
    attempt integer NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    message text NOT NULL,
    shown json NOT NULL,
    action json,
    response_schema json,
    allowed text[] NOT NULL,
    users text[] NOT NULL,
    roles text[] NOT NULL,
    requires_claim boolean NOT NULL,
    expires_at timestamptz,
    shown_digest text NOT NULL,
    status text COLLATE "C" NOT NULL
        CHECK (status IN ('open', 'claimed', 'decided', 'expired', 'cancelled', 'superseded')),
    version integer NOT NULL CHECK (version > 0),
    claim_by text,
    claim_until timestamptz,
    superseded_by uuid,
    verb text,
    response json,
    arguments json,
    reason text,
    decided_by text[],
    decided_at timestamptz,
    execution text CHECK (execution IN ('pending', 'succeeded', 'failed')),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, flow_id) REFERENCES signalbox.flows (tenant_id, id),
    FOREIGN KEY (tenant_id, superseded_by) REFERENCES signalbox.prompts (tenant_id, id),
    CHECK ((claim_by IS NULL) = (claim_until IS NULL)),
    CHECK ((verb IS NULL) = (decided_at IS NULL) AND (verb IS NULL) = (decided_by IS NULL)
        AND (verb IS NULL) = (execution IS NULL))
);
CREATE INDEX prompts_oldest ON signalbox.prompts (tenant_id, created_at, id);
CREATE INDEX prompts_by_flow ON signalbox.prompts (tenant_id, flow_id, created_at, id);
CREATE INDEX prompts_by_status ON signalbox.prompts (tenant_id, status, created_at, id);
CREATE INDEX prompts_pending ON signalbox.prompts (tenant_id, created_at, id) WHERE status IN ('open', 'claimed');
ALTER TABLE signalbox.prompts ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.prompts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.prompts TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT ON signalbox.prompts TO signalbox_app;
GRANT UPDATE (
    status, version, claim_by, claim_until, superseded_by, verb, response, arguments, reason, decided_by, decided_at,
    execution
) ON signalbox.prompts TO signalbox_app;

CREATE TABLE signalbox.decisions (
    tenant_id uuid NOT NULL,
    prompt_id uuid NOT NULL,
    idempotency_key text COLLATE "C" NOT NULL,
    body_digest text NOT NULL,
    decided_by text NOT NULL,
    answer json NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, prompt_id, idempotency_key),
    FOREIGN KEY (tenant_id, prompt_id) REFERENCES signalbox.prompts (tenant_id, id)
);
ALTER TABLE signalbox.decisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.decisions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.decisions TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT ON signalbox.decisions TO signalbox_app;
