import Domain
import Postgres

/// Uploaded files, in chunks.
struct PostgresUploads: UploadRepository {
    let transaction: PostgresTransaction

    func begin(_ upload: Upload) async throws {
        _ = try await transaction.query(
            """
            INSERT INTO signalbox.uploads
                (tenant_id, id, filename, content_type, bytes, sha256, created_by, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                .id(upload.id), .text(upload.filename), .text(upload.contentType), .int(upload.bytes),
                .optional(upload.sha256), .text(upload.createdBy), .time(upload.createdAt),
            ]
        )
    }

    func append(_ chunk: [UInt8], index: Int, to id: UploadID) async throws {
        _ = try await transaction.query(
            "INSERT INTO signalbox.upload_chunks (tenant_id, upload_id, index, data) VALUES ($1, $2, $3, $4)",
            [.id(id), .int(index), .bytes(chunk)]
        )
    }

    func finish(_ id: UploadID, bytes: Int64, sha256: String) async throws {
        let rows = try await transaction.query(
            """
            UPDATE signalbox.uploads SET bytes = $3, sha256 = $4 WHERE tenant_id = $1 AND id = $2 AND sha256 IS NULL
            """,
            [.id(id), .int(bytes), .text(sha256)]
        )
        guard rows.affected == 1 else {
            throw StoreError.failed(sqlState: "P0002", message: "there is no unfinished upload \(id)")
        }
    }

    func remove(_ id: UploadID) async throws {
        _ = try await transaction.query("DELETE FROM signalbox.uploads WHERE tenant_id = $1 AND id = $2", [.id(id)])
    }

    func removeUnfinished(before time: Timestamp) async throws {
        _ = try await transaction.query(
            "DELETE FROM signalbox.uploads WHERE tenant_id = $1 AND sha256 IS NULL AND created_at < $2",
            [.time(time)]
        )
    }

    func find(_ id: UploadID) async throws -> Upload? {
        let rows = try await transaction.query(
            """
            SELECT filename, content_type, bytes, sha256, created_by, created_at FROM signalbox.uploads
            WHERE tenant_id = $1 AND id = $2
            """,
            [.id(id)]
        )
        return try rows.first.map { row in
            Upload(
                id: id,
                filename: try row.string("filename"),
                contentType: try row.string("content_type"),
                bytes: try row.int64("bytes"),
                sha256: try row.stringOrNil("sha256"),
                createdBy: try row.string("created_by"),
                createdAt: try row.time("created_at")
            )
        }
    }

    func chunk(_ index: Int, of id: UploadID) async throws -> [UInt8]? {
        let rows = try await transaction.query(
            "SELECT data FROM signalbox.upload_chunks WHERE tenant_id = $1 AND upload_id = $2 AND index = $3",
            [.id(id), .int(index)]
        )
        return try rows.first?.bytes("data")
    }
}
