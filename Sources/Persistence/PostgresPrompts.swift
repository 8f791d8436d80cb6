import Domain
import Postgres

/// Prompts and the decisions made on them.
struct PostgresPrompts: PromptRepository {
    let transaction: PostgresTransaction

    static let pending = "status IN ('open', 'claimed')"

    func insert(_ prompt: Prompt) async throws {
        let draft = prompt.draft
        _ = try await transaction.query(
            """
            INSERT INTO signalbox.prompts (
                tenant_id, id, flow_id, run_id, step, attempt, kind, title, message, shown, action, response_schema,
                allowed, users, roles, requires_claim, expires_at, shown_digest, created_by, created_at,
                status, version, claim_by, claim_until, superseded_by, verb, response, arguments, reason, decided_by,
                decided_at, execution
            ) VALUES (
                $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
                $24, $25, $26, $27, $28, $29, $30, $31, $32
            )
            """,
            [
                .id(prompt.id), .id(prompt.flow), .id(prompt.run), .text(prompt.step), .int(prompt.attempt),
                .text(draft.kind.rawValue), .text(draft.title), .text(draft.message), .json(draft.shown),
                .json(draft.action), .json(draft.responseSchema), .array(draft.allowed.map(\.rawValue)),
                .array(draft.users), .array(draft.roles.map(\.rawValue).sorted()), .bool(draft.requiresClaim),
                .time(draft.expiresAt), .text(prompt.shownDigest), .text(prompt.createdBy), .time(prompt.createdAt),
            ] + Self.changing(prompt)
        )
    }

    func find(_ id: PromptID) async throws -> Prompt? {
        let rows = try await transaction.query(
            "SELECT * FROM signalbox.prompts WHERE tenant_id = $1 AND id = $2",
            [.id(id)]
        )
        return try rows.first.map { try $0.prompt() }
    }

    func lastAttempt(of step: String, in flow: FlowID) async throws -> Int {
        let rows = try await transaction.query(
            """
            SELECT coalesce(max(attempt), 0) AS attempt FROM signalbox.prompts
            WHERE tenant_id = $1 AND flow_id = $2 AND step = $3
            """,
            [.id(flow), .text(step)]
        )
        return try rows.first?.int("attempt") ?? 0
    }

    func list(
        flow: FlowID?,
        status: PromptStatus?,
        pendingOnly: Bool,
        limit: Int,
        cursor: String?
    ) async throws -> Page<Prompt>? {
        var select = Select()
        select.require("flow_id", flow?.text)
        select.require("status", status?.rawValue)
        if pendingOnly { select.require(Self.pending) }
        guard select.begin(.ascending, (time: "created_at", id: "id"), after: cursor) else { return nil }
        let count = select.bind(.int(limit + 1))
        let rows = try await transaction.query(
            "SELECT * FROM signalbox.prompts \(select.clause) ORDER BY created_at, id LIMIT \(count)",
            select.parameters
        )
        return try Page(rows, limit: limit, item: { try $0.prompt() }) {
            [String($0.createdAt.microseconds), $0.id.text]
        }
    }

    func update(_ prompt: Prompt, ifVersion version: Int) async throws -> Bool {
        let rows = try await transaction.query(
            """
            UPDATE signalbox.prompts SET
                status = $4, version = $5, claim_by = $6, claim_until = $7, superseded_by = $8, verb = $9, response = $10,
                arguments = $11, reason = $12, decided_by = $13, decided_at = $14, execution = $15
            WHERE tenant_id = $1 AND id = $2 AND version = $3 AND \(Self.pending)
            """,
            [.id(prompt.id), .int(version)] + Self.changing(prompt)
        )
        return rows.affected == 1
    }

    func setExecution(_ status: ExecutionStatus, of prompt: PromptID) async throws {
        let rows = try await transaction.query(
            """
            UPDATE signalbox.prompts SET execution = $3 WHERE tenant_id = $1 AND id = $2 AND verb IS NOT NULL
            """,
            [.id(prompt), .text(status.rawValue)]
        )
        guard rows.affected == 1 else {
            throw StoreError.failed(sqlState: "P0002", message: "there is no decided prompt \(prompt)")
        }
    }

    func record(_ decision: DecisionRecord) async throws {
        _ = try await transaction.query(
            """
            INSERT INTO signalbox.decisions (tenant_id, prompt_id, idempotency_key, body_digest, decided_by, answer, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                .id(decision.prompt), .text(decision.idempotencyKey), .text(decision.bodyDigest), .text(decision.by),
                .json(decision.answer), .time(decision.at),
            ]
        )
    }

    func decision(on prompt: PromptID, key: String) async throws -> DecisionRecord? {
        let rows = try await transaction.query(
            """
            SELECT body_digest, decided_by, answer, at FROM signalbox.decisions
            WHERE tenant_id = $1 AND prompt_id = $2 AND idempotency_key = $3
            """,
            [.id(prompt), .text(key)]
        )
        return try rows.first.map { row in
            DecisionRecord(
                prompt: prompt,
                idempotencyKey: key,
                bodyDigest: try row.string("body_digest"),
                by: try row.string("decided_by"),
                answer: try row.json("answer"),
                at: try row.time("at")
            )
        }
    }

    /// The columns that ``update(_:ifVersion:)`` overwrites, in its order.
    private static func changing(_ prompt: Prompt) -> [PostgresValue] {
        let outcome = prompt.outcome
        return [
            .text(prompt.status.rawValue), .int(prompt.version), .optional(prompt.claim?.by),
            .time(prompt.claim?.until),
            .id(prompt.supersededBy), .optional(outcome?.verb.rawValue), .json(outcome?.response),
            .json(outcome?.arguments), .optional(outcome?.reason), outcome.map { .array($0.by) } ?? .null,
            .time(outcome?.at), .optional(outcome?.execution.rawValue),
        ]
    }
}

extension PostgresRow {
    func prompt() throws -> Prompt {
        Prompt(
            id: try id("id"),
            flow: try id("flow_id"),
            run: try idOrNil("run_id"),
            step: try string("step"),
            attempt: try int("attempt"),
            draft: try draft(),
            shownDigest: try string("shown_digest"),
            status: try value("status"),
            version: try int("version"),
            claim: try claim(),
            supersededBy: try idOrNil("superseded_by"),
            outcome: try outcome(),
            createdBy: try string("created_by"),
            createdAt: try time("created_at")
        )
    }

    private func draft() throws -> PromptDraft {
        PromptDraft(
            kind: try value("kind"),
            title: try string("title"),
            message: try string("message"),
            shown: try json("shown"),
            action: try jsonOrNil("action"),
            responseSchema: try jsonOrNil("response_schema"),
            allowed: try values("allowed"),
            users: try strings("users"),
            roles: Set(try values("roles")),
            requiresClaim: try bool("requires_claim"),
            expiresAt: try timeOrNil("expires_at")
        )
    }

    private func claim() throws -> PromptClaim? {
        guard let by = try stringOrNil("claim_by"), let until = try timeOrNil("claim_until") else { return nil }
        return PromptClaim(by: by, until: until)
    }

    private func outcome() throws -> PromptOutcome? {
        guard try stringOrNil("verb") != nil else { return nil }
        return PromptOutcome(
            verb: try value("verb"),
            response: try jsonOrNil("response"),
            arguments: try jsonOrNil("arguments"),
            reason: try stringOrNil("reason"),
            by: try strings("decided_by"),
            at: try time("decided_at"),
            execution: try value("execution")
        )
    }
}
