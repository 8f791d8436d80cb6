import Domain
import Postgres

extension PostgresFlows {
    func enqueueWork(_ flow: FlowID) async throws {
        let mark = PostgresStatement(
            """
            INSERT INTO signalbox.flow_work (tenant_id, flow_id) VALUES ($1, $2)
            ON CONFLICT (tenant_id, flow_id) DO UPDATE SET is_again = flow_work.owner IS NOT NULL
            """,
            [.id(flow)]
        )
        _ = try await transaction.batch([mark, PostgresTransaction.notify(.work)])
    }

    func finishWork(_ flow: FlowID, owner: Int64) async throws -> Bool {
        let rows = try await transaction.query(
            """
            SELECT is_again FROM signalbox.flow_work
            WHERE tenant_id = $1 AND flow_id = $2 AND owner = $3 FOR UPDATE
            """,
            [.id(flow), .int(owner)]
        )
        guard let row = rows.first else { return false }
        if try row.bool("is_again") {
            // Announced while the owner was at it, who may have looked before: somebody looks once more.
            let back = PostgresStatement(
                """
                UPDATE signalbox.flow_work SET owner = NULL, is_again = false, enqueued_at = now()
                WHERE tenant_id = $1 AND flow_id = $2
                """,
                [.id(flow)]
            )
            _ = try await transaction.batch([back, PostgresTransaction.notify(.work)])
        } else {
            _ = try await transaction.query(
                "DELETE FROM signalbox.flow_work WHERE tenant_id = $1 AND flow_id = $2",
                [.id(flow)]
            )
        }
        return true
    }

    func holdsWork(_ flow: FlowID, owner: Int64) async throws -> Bool {
        let rows = try await transaction.query(
            """
            SELECT owner FROM signalbox.flow_work WHERE tenant_id = $1 AND flow_id = $2 AND owner = $3 FOR UPDATE
            """,
            [.id(flow), .int(owner)]
        )
        return !rows.isEmpty
    }
}
