/// One step of the schema, as its file in `Migrations` has it.
struct Migration: Sendable {
    /// Its place in the order.
    let number: Int
    /// What it is about.
    let name: String
    /// Its statements.
    let sql: String

    private init(_ number: Int, _ name: String, _ bytes: [UInt8]) {
        self.init(number: number, name: name, sql: String(decoding: bytes, as: UTF8.self))
    }

    init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }

    /// All of them, in order. One that was ever released is never changed: the next one changes what it made.
    static let all = [
        Migration(1, "tenancy", PackageResources._001_tenancy_sql),
        Migration(2, "flows", PackageResources._002_flows_sql),
        Migration(3, "prompts", PackageResources._003_prompts_sql),
        Migration(4, "views", PackageResources._004_views_sql),
        Migration(5, "audit", PackageResources._005_audit_sql),
        Migration(6, "uploads", PackageResources._006_uploads_sql),
        Migration(7, "assets", PackageResources._007_assets_sql),
        Migration(8, "idempotency", PackageResources._008_idempotency_sql),
        Migration(9, "commits", PackageResources._009_commits_sql),
        Migration(10, "history", PackageResources._010_history_sql),
        Migration(11, "moving", PackageResources._011_moving_sql),
        Migration(12, "durable_steps", PackageResources._012_durable_steps_sql),
        Migration(13, "webhooks", PackageResources._013_webhooks_sql),
        Migration(14, "documents", PackageResources._014_documents_sql),
    ]
}
