import Domain
import Postgres

/// Flows. Their events, journal and work are in extensions of their own.
struct PostgresFlows: FlowRepository {
    let transaction: PostgresTransaction

    static let columns = """
        id, type, title, status, phase, metadata, input, graph, seq, epoch, run_id, created_by, created_at, updated_at,
        open_prompts, version, parent_id, parent_seq, state
        """
    /// Lists do not carry the states, which may be large.
    private static let listColumns = """
        id, type, title, status, phase, metadata, input, graph, seq, epoch, run_id, created_by, created_at, updated_at,
        open_prompts, version, parent_id, parent_seq, '{}' AS state
        """

    func insert(_ flow: Flow) async throws {
        _ = try await transaction.query(
            """
            INSERT INTO signalbox.flows (tenant_id, \(Self.columns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
            """,
            [
                .id(flow.id), .text(flow.type), .text(flow.title), .text(flow.status.rawValue), .optional(flow.phase),
                .json(flow.metadata), .json(flow.input), .json(flow.graph), .int(flow.seq),
                .text(flow.epoch), .id(flow.run), .text(flow.createdBy), .time(flow.createdAt), .time(flow.updatedAt),
                .int(flow.openPrompts), .int(flow.version), .id(flow.parent?.flow), .int(flow.parent?.seq),
                .json(flow.state),
            ]
        )
    }

    func find(_ id: FlowID, locked: Bool) async throws -> Flow? {
        let rows = try await transaction.query(
            """
            SELECT \(Self.columns) FROM signalbox.flows WHERE tenant_id = $1 AND id = $2 \(locked ? "FOR UPDATE" : "")
            """,
            [.id(id)]
        )
        return try rows.first.map(Self.flow)
    }

    func list(status: FlowStatus?, type: String?, limit: Int, cursor: String?) async throws -> Page<Flow>? {
        var select = Select()
        select.require("status", status?.rawValue)
        select.require("type", type)
        guard select.begin(.descending, (time: "created_at", id: "id"), after: cursor) else { return nil }
        let count = select.bind(.int(limit + 1))
        let rows = try await transaction.query(
            """
            SELECT \(Self.listColumns) FROM signalbox.flows \(select.clause)
            ORDER BY created_at DESC, id DESC LIMIT \(count)
            """,
            select.parameters
        )
        return try Page(rows, limit: limit, item: Self.flow) { [String($0.createdAt.microseconds), $0.id.text] }
    }

    static func flow(_ row: PostgresRow) throws -> Flow {
        var flow = Flow(
            id: try row.id("id"),
            type: try row.string("type"),
            title: try row.string("title"),
            status: try row.value("status"),
            phase: try row.stringOrNil("phase"),
            state: try row.json("state"),
            metadata: try row.json("metadata"),
            input: try row.jsonOrNil("input"),
            graph: try row.jsonOrNil("graph"),
            seq: try row.int64("seq"),
            epoch: try row.string("epoch"),
            run: try row.idOrNil("run_id"),
            createdBy: try row.string("created_by"),
            createdAt: try row.time("created_at"),
            updatedAt: try row.time("updated_at")
        )
        flow.openPrompts = try row.int("open_prompts")
        flow.version = try row.int("version")
        if let parent: FlowID = try row.idOrNil("parent_id") {
            flow.parent = FlowParent(flow: parent, seq: try row.int64OrNil("parent_seq"))
        }
        return flow
    }
}
