-- Uploaded files, in chunks.

CREATE TABLE signalbox.uploads (
    tenant_id uuid NOT NULL REFERENCES signalbox.tenants,
    id uuid NOT NULL,
    filename text NOT NULL,
    content_type text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX uploads_unfinished ON signalbox.uploads (tenant_id, created_at) WHERE sha256 IS NULL;
ALTER TABLE signalbox.uploads ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.uploads FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.uploads TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT, DELETE ON signalbox.uploads TO signalbox_app;
GRANT UPDATE (bytes, sha256) ON signalbox.uploads TO signalbox_app;

CREATE TABLE signalbox.upload_chunks (
    tenant_id uuid NOT NULL,
    upload_id uuid NOT NULL,
    index integer NOT NULL CHECK (index >= 0),
    data bytea NOT NULL,
    PRIMARY KEY (tenant_id, upload_id, index),
    FOREIGN KEY (tenant_id, upload_id) REFERENCES signalbox.uploads (tenant_id, id) ON DELETE CASCADE
);
-- Each chunk is written once and read a few times: compressing it costs more than the space is worth.
ALTER TABLE signalbox.upload_chunks ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE signalbox.upload_chunks ENABLE ROW LEVEL SECURITY;
ALTER TABLE signalbox.upload_chunks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signalbox.upload_chunks TO signalbox_app, CURRENT_USER
    USING (tenant_id = current_setting('app.tenant_id')::uuid);
GRANT SELECT, INSERT ON signalbox.upload_chunks TO signalbox_app;
