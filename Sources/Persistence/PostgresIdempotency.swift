import Domain
import Postgres

/// Answers kept under an `Idempotency-Key`, for a day.
struct PostgresIdempotency: IdempotencyRepository {
    let transaction: PostgresTransaction

    private static let lifetime = "interval '1 day'"

    func find(subject: String, key: String) async throws -> IdempotentAnswer? {
        let rows = try await transaction.query(
            """
            SELECT request_digest, status, body FROM signalbox.idempotency_keys
            WHERE tenant_id = $1 AND subject = $2 AND key = $3 AND created_at > now() - \(Self.lifetime)
            """,
            [.text(subject), .text(key)]
        )
        return try rows.first.map { row in
            IdempotentAnswer(
                requestDigest: try row.string("request_digest"),
                status: try row.int("status"),
                body: try row.json("body")
            )
        }
    }

    func save(_ answer: IdempotentAnswer, subject: String, key: String, at time: Timestamp) async throws {
        let rows = try await transaction.query(
            """
            INSERT INTO signalbox.idempotency_keys AS k
                (tenant_id, subject, key, request_digest, status, body, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (tenant_id, subject, key) DO UPDATE SET
                request_digest = excluded.request_digest, status = excluded.status, body = excluded.body,
                created_at = excluded.created_at
            WHERE k.created_at <= now() - \(Self.lifetime)
            """,
            [
                .text(subject), .text(key), .text(answer.requestDigest), .int(answer.status), .json(answer.body),
                .time(time),
            ]
        )
        guard rows.affected == 1 else { throw StoreError.duplicate("idempotency_keys_pkey") }
    }
}
