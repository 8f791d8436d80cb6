import Domain
import HTTP
import HTTPTypes
import Identity
import JSON
import Ledger
import Server
import Streams

extension Route {
    private static let at = Parameter.query(
        "at",
        ["type": "integer", "minimum": 0],
        "The position; the present one when left out."
    )

    static let flowHistory: [Route] = [
        Route(
            .get,
            "/v1/flows/{id}/state",
            .action(.readFlows),
            "The state, now or as it was at an earlier position.",
            parameters: [at],
            answers: [Answer(200, "StateAt")],
            problems: [.historyGone]
        ) { try await $0.showState() },
        Route(
            .get,
            "/v1/flows/{id}/document",
            .action(.readFlows),
            "The document of the flow's stream, now or as it was at an earlier position.",
            parameters: [at],
            answers: [Answer(200, "DocumentAt")],
            problems: [.historyGone]
        ) { try await $0.showDocument() },
        Route(
            .get,
            "/v1/flows/{id}/milestones",
            .action(.readFlows),
            "Where runs, steps and prompts of the flow began and ended, as far as it is kept, and its first known document.",
            parameters: Parameter.paging,
            answers: [Answer(200, "MilestonePage")]
        ) { try await $0.listMilestones() },
    ]
}

extension Call {
    fileprivate func showState() async throws -> Response {
        try await show { history, seq in
            guard let state = try await history.state(at: seq) else { return nil }
            return (["state": state], state.digest)
        }
    }

    fileprivate func showDocument() async throws -> Response {
        try await show { history, seq in
            guard let document = try await history.document(at: seq) else { return nil }
            return (document.object ?? [:], (document["state"] ?? .null).digest)
        }
    }

    /// Answers with what the history has at the wanted position, and with the position.
    private func show(
        _ find: @Sendable (FlowHistory, Int64) async throws -> (members: JSONObject, digest: String)?
    ) async throws -> Response {
        let id = try id(of: Flow.self)
        let at = try number("at", in: 0...Int64.max)
        return try await read { transaction in
            guard let flow = try await transaction.flows.find(id, locked: false) else { throw Problem(.notFound) }
            let seq = at ?? flow.seq
            guard seq <= flow.seq else { throw Problem.parameter("at", "must not be after the present position") }
            let history = FlowHistory(of: flow, in: transaction)
            guard let found = try await find(history, seq) else {
                throw Problem.gone(asOf: try await history.firstDocument())
            }
            var object = found.members
            object["seq"] = JSON(Int(seq))
            object["epoch"] = JSON(flow.epoch)
            object["digest"] = JSON(found.digest)
            return .json(.object(object))
        }
    }

    fileprivate func listMilestones() async throws -> Response {
        let id = try id(of: Flow.self)
        let limit = try limit()
        let after = try number("cursor", in: 0...Int64.max) ?? 0
        return try await read { transaction in
            guard let flow = try await transaction.flows.find(id, locked: false) else { throw Problem(.notFound) }
            let page = try await transaction.flows.milestones(of: id, after: after, limit: limit)
            let first = try await FlowHistory(of: flow, in: transaction).firstDocument()
            return .page(
                page.items.map(\.json),
                next: page.next,
                extra: [
                    "first_seq": JSON(Int(first)), "seq": JSON(Int(flow.seq)), "epoch": JSON(flow.epoch),
                ]
            )
        }
    }
}

extension Problem {
    /// What was before this position was asked for.
    fileprivate static func gone(asOf first: Int64) -> Problem {
        Problem(
            .historyGone,
            "What the flow was is known from position \(first) on.",
            ["first_seq": JSON(Int(first))]
        )
    }
}
