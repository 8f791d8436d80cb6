import Domain
import JSON
import Persistence
import Postgres
import TestSupport
import Testing

/// Audit log, uploads, people and kept answers.
@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct RecordRepositoryTests {
    let tenants: TwoTenants

    init() async throws { tenants = try await .make() }

    private func entry(_ action: String, _ subject: String) -> AuditEntry {
        AuditEntry(
            at: .sample,
            actor: "ada",
            channel: "http",
            action: action,
            subject: subject,
            detail: ["why": "because"]
        )
    }

    @Test func theAuditLogIsReadNewestFirst() async throws {
        let entries = (0..<7).map { entry($0.isMultiple(of: 2) ? "flow.created" : "flow.cancelled", "flow:\($0)") }
        let store = tenants.store
        let tenant = tenants.a.id
        try await store.transaction(as: tenant) { store in
            for entry in entries { try await store.audit.append(entry) }
        }
        let all = try await allPages { cursor in
            try await store.transaction(as: tenant, .snapshot) {
                try await $0.audit.list(action: nil, subject: nil, limit: 3, cursor: cursor)
            }
        }
        #expect(all == entries.reversed())
        let (cancelled, one) = try await store.transaction(as: tenant, .snapshot) { store in
            (
                try await store.audit.list(action: "flow.cancelled", subject: nil, limit: 10, cursor: nil)?.items,
                try await store.audit.list(action: nil, subject: "flow:3", limit: 10, cursor: nil)?.items
            )
        }
        #expect(cancelled == [entries[5], entries[3], entries[1]])
        #expect(one == [entries[3]])
    }

    @Test(arguments: [
        "UPDATE signalbox.audit_log SET actor = 'nobody'", "DELETE FROM signalbox.audit_log",
        "TRUNCATE signalbox.audit_log",
    ])
    func theAuditLogRefusesEveryChange(sql: String) async throws {
        let entry = entry("flow.created", "flow:1")
        try await tenants.store.transaction(as: tenants.a.id) { try await $0.audit.append(entry) }
        // Neither as the application nor as the superuser who owns the table.
        for client in [tenants.database.client, tenants.database.owner] {
            let tenant = tenants.a.id.text
            await #expect(throws: (any Error).self) {
                try await client.transaction { session in
                    _ = try await session.query("SELECT set_config('app.tenant_id', $1, true)", [.text(tenant)])
                    _ = try await session.query(sql)
                }
            }
        }
        let left = try await tenants.store.transaction(as: tenants.a.id, .snapshot) {
            try await $0.audit.list(action: nil, subject: nil, limit: 10, cursor: nil)?.items
        }
        #expect(left == [entry])
    }

    @Test func anUploadIsKeptInChunks() async throws {
        let upload = Upload(
            id: .generate(),
            filename: "a b.csv",
            contentType: "text/csv",
            bytes: 0,
            sha256: nil,
            createdBy: "ada",
            createdAt: .sample
        )
        let chunks: [[UInt8]] = [Array(0...255), [UInt8](repeating: 0, count: 300_000), [1]]
        let store = tenants.store
        let tenant = tenants.a.id
        try await store.transaction(as: tenant) { try await $0.uploads.begin(upload) }
        for (index, chunk) in chunks.enumerated() {
            try await store.transaction(as: tenant) { try await $0.uploads.append(chunk, index: index, to: upload.id) }
        }
        try await store.transaction(as: tenant) {
            try await $0.uploads.finish(upload.id, bytes: 300_257, sha256: "abc")
        }
        let (found, read) = try await store.transaction(as: tenant, .snapshot) { store in
            var read: [[UInt8]] = []
            while let chunk = try await store.uploads.chunk(read.count, of: upload.id) { read.append(chunk) }
            return (try await store.uploads.find(upload.id), read)
        }
        #expect(found?.bytes == 300_257 && found?.sha256 == "abc" && found?.filename == "a b.csv")
        #expect(read == chunks)
        await #expect(throws: StoreError.self) {
            try await store.transaction(as: tenant) { try await $0.uploads.finish(upload.id, bytes: 1, sha256: "x") }
        }
        let gone = try await store.transaction(as: tenant) { store in
            try await store.uploads.remove(upload.id)
            let chunk = try await store.uploads.chunk(0, of: upload.id)
            return try await store.uploads.find(upload.id) == nil && chunk == nil
        }
        #expect(gone)
    }

    @Test func onlyOldUnfinishedUploadsOfTheTenantAreCleared() async throws {
        func upload(_ seconds: Int64) -> Upload {
            Upload(
                id: .generate(),
                filename: "a.csv",
                contentType: "text/csv",
                bytes: 0,
                sha256: nil,
                createdBy: "ada",
                createdAt: Timestamp.sample.adding(seconds: seconds)
            )
        }
        let (cut, finished, fresh, others) = (upload(-10), upload(-10), upload(10), upload(-10))
        let store = tenants.store
        try await store.transaction(as: tenants.b.id) { try await $0.uploads.begin(others) }
        let left = try await store.transaction(as: tenants.a.id) { store in
            for upload in [cut, finished, fresh] { try await store.uploads.begin(upload) }
            try await store.uploads.append([1], index: 0, to: cut.id)
            try await store.uploads.finish(finished.id, bytes: 0, sha256: "abc")
            try await store.uploads.removeUnfinished(before: .sample)
            var left: [UploadID] = []
            for upload in [cut, finished, fresh] where try await store.uploads.find(upload.id) != nil {
                left.append(upload.id)
            }
            return left
        }
        #expect(left == [finished.id, fresh.id])
        let kept = try await store.transaction(as: tenants.b.id, .snapshot) { try await $0.uploads.find(others.id) }
        #expect(kept != nil)
    }

    @Test func usersAreReplacedByTheirAddress() async throws {
        let first = User.sample(email: "new@example.org")
        let second = User(
            id: .generate(),
            email: first.email,
            name: "Renamed",
            roles: [],
            passwordHash: "other",
            isDisabled: true
        )
        let (found, byID) = try await tenants.store.transaction(as: tenants.a.id) { store in
            try await store.identity.save(first)
            try await store.identity.save(second)
            return (try await store.identity.user(email: first.email), try await store.identity.user(first.id))
        }
        #expect(found == byID)
        #expect(
            found
                == User(
                    id: first.id,
                    email: first.email,
                    name: "Renamed",
                    roles: [],
                    passwordHash: "other",
                    isDisabled: true
                )
        )
    }

    @Test func aSessionRotatesOnceForEachGenerationAndEndsOnce() async throws {
        let session = try await tenants.store.transaction(as: tenants.a.id) { store in
            let user = try #require(try await store.identity.user(email: "ada@example.org"))
            let session = Session(
                id: .generate(),
                user: user.id,
                cookieHash: [1, 2],
                refreshHash: [3, 0],
                refreshGeneration: 0,
                createdAt: .sample,
                expiresAt: Timestamp.sample.adding(seconds: 9)
            )
            try await store.identity.insert(session)
            #expect(try await store.identity.session(session.id) == session)
            return session
        }
        let results = try await tenants.store.transaction(as: tenants.a.id) { store in
            [
                try await store.identity.rotate(session.id, ifGeneration: 1, to: [9]),
                try await store.identity.rotate(session.id, ifGeneration: 0, to: [9]),
                try await store.identity.rotate(session.id, ifGeneration: 0, to: [8]),
                try await store.identity.revoke(session.id, at: .sample),
                try await store.identity.revoke(session.id, at: .sample),
            ]
        }
        #expect(results == [false, true, false, true, false])
        let found = try await tenants.store.transaction(as: tenants.a.id, .snapshot) {
            try await $0.identity.session(session.id)
        }
        #expect(found?.refreshHash == [9] && found?.refreshGeneration == 1 && found?.revokedAt == .sample)
    }

    @Test func anAnswerIsKeptForADay() async throws {
        let answer = IdempotentAnswer(requestDigest: "d", status: 201, body: ["id": 1])
        let newer = IdempotentAnswer(requestDigest: "e", status: 200, body: .null)
        let store = tenants.store
        let tenant = tenants.a.id
        try await store.transaction(as: tenant) {
            try await $0.idempotency.save(answer, subject: "ada", key: "k", at: .now())
        }
        await #expect(throws: StoreError.duplicate("idempotency_keys_pkey")) {
            try await store.transaction(as: tenant) {
                try await $0.idempotency.save(newer, subject: "ada", key: "k", at: .now())
            }
        }
        let (kept, others) = try await store.transaction(as: tenant) { store in
            // An answer of the day before yesterday is as good as none.
            try await store.idempotency.save(
                answer,
                subject: "bob",
                key: "k",
                at: Timestamp.now().adding(seconds: -172_800)
            )
            let expired = try await store.idempotency.find(subject: "bob", key: "k")
            try await store.idempotency.save(newer, subject: "bob", key: "k", at: .now())
            return (
                try await store.idempotency.find(subject: "ada", key: "k"),
                [expired, try await store.idempotency.find(subject: "bob", key: "k")]
            )
        }
        #expect(kept == answer)
        #expect(others == [nil, newer])
    }
}
