-- The logs behind the live lists: one counter for each, and the changes it numbered.

CREATE TABLE signalbox.views (
    tenant_id uuid NOT NULL REFERENCES signalbox.tenants,
    view text COLLATE "C" NOT NULL CHECK (view IN ('flows', 'prompts')),
    epoch text NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (tenant_id, view)
);
ALTER TABLE signalbox.views ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.views FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.views TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT ON signalbox.views TO signalbox_app;
GRANT UPDATE (seq) ON signalbox.views TO signalbox_app;

CREATE TABLE signalbox.view_changes (
    tenant_id uuid NOT NULL,
    view text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    item text NOT NULL,
    before json,
    after json,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, view, seq),
    FOREIGN KEY (tenant_id, view) REFERENCES signalbox.views (tenant_id, view)
);
ALTER TABLE signalbox.view_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.view_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.view_changes TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT ON signalbox.view_changes TO signalbox_app;
