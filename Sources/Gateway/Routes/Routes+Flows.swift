import Domain
import Flows
import HTTP
import HTTPTypes
import Identity
import JSON
import Ledger
import Server

extension Route {
    static let flows: [Route] = [
        Route(
            .post,
            "/v1/flows",
            .action(.createFlow),
            "Creates a flow; one of a native type starts to run.",
            body: .json("NewFlow"),
            isIdempotent: true,
            answers: [Answer(201, "Flow")],
            problems: [.unknownFlowType, .invalidState]
        ) { try await $0.createFlow() },
        Route(
            .get,
            "/v1/flows",
            .action(.readFlows),
            "Lists flows, newest first.",
            parameters: [
                .choice("status", FlowStatus.allCases.map(\.rawValue), "Only flows in this status."),
                .text("type", "Only flows of this type."),
            ] + Parameter.paging,
            answers: [Answer(200, "FlowList")]
        ) { try await $0.listFlows() },
        Route(
            .get,
            "/v1/flows/{id}",
            .action(.readFlows),
            "A flow; its ETag is its position.",
            parameters: [.header("If-None-Match", "Answers 304 while the flow is at this position.")],
            answers: [Answer(200, "Flow"), Answer(304)]
        ) { try await $0.showFlow() },
        Route(
            .post,
            "/v1/flows/{id}/cancel",
            .action(.cancelFlow),
            "Ends a flow and retracts its open prompts.",
            isIdempotent: true,
            answers: [Answer(200, "Flow")],
            problems: [.notPossible]
        ) { try await $0.cancelFlow() },
        Route(
            .post,
            "/v1/flows/{id}/retry",
            .action(.cancelFlow),
            "Lets a failed native flow go on from its failed steps.",
            isIdempotent: true,
            answers: [Answer(200, "Flow")],
            problems: [.notPossible]
        ) { try await $0.retryFlow() },
        Route(
            .post,
            "/v1/flows/{id}/fork",
            .action(.createFlow),
            "Makes a new flow of what this one was at a position; it goes on from there, and this one stays as it is.",
            body: .json("Fork"),
            isIdempotent: true,
            answers: [Answer(201, "Flow")],
            problems: [.unknownFlowType, .invalidState, .historyGone]
        ) { try await $0.forkFlow() },
    ]
}

extension Call {
    fileprivate func createFlow() async throws -> Response {
        let body = try object(["type", "title", "state", "metadata", "input"])
        let type = try body.requiredText("type")
        let title = try body.text("title")
        let principal = try principal()
        var response = try await once(.created) { keep in
            try await services.flows.create(
                type: type,
                title: title,
                state: body.value("state"),
                metadata: body.value("metadata"),
                input: body.value("input"),
                by: principal,
                channel: Self.channel,
                at: now
            ) { writer in
                try await keep(writer.transaction, writer.resource)
            }
        }
        try response.locateFlow()
        return response
    }

    fileprivate func forkFlow() async throws -> Response {
        let (id, principal) = (try id(of: Flow.self), try principal())
        let body = try object(["at", "title", "ask_again"])
        let (at, title, asksAgain) = (try body.position("at"), try body.text("title"), try body.flag("ask_again"))
        var response = try await once(.created) { keep in
            try await services.flows.fork(
                id,
                at: at,
                title: title,
                asksAgain: asksAgain,
                by: principal,
                channel: Self.channel,
                at: now
            ) { writer in
                try await keep(writer.transaction, writer.resource)
            }
        }
        try response.locateFlow()
        return response
    }

    fileprivate func listFlows() async throws -> Response {
        let status = try choice("status", FlowStatus.self)
        let (type, limit, cursor) = (try query("type"), try limit(), try cursor())
        let flows = try page(
            try await read { try await $0.flows.list(status: status, type: type, limit: limit, cursor: cursor) }
        )
        return .page(flows.items.map(\.listed), next: flows.next)
    }

    fileprivate func showFlow() async throws -> Response {
        let id = try id(of: Flow.self)
        let (flow, steps) = try await read { transaction in
            guard let flow = try await transaction.flows.find(id, locked: false) else { throw Problem(.notFound) }
            return (flow, try await transaction.flows.steps(of: id))
        }
        let tag = EntityTag(String(flow.seq))
        // The client may have kept the compressed answer.
        let tags: [EntityTag] = [tag, tag.coded(.gzip)]
        let known = try head.ifNoneMatch()
        if let kept = tags.first(where: { known?.matchesWeakly($0) == true }) {
            return Response(status: .notModified, headers: [.eTag: kept.fieldValue, .cacheControl: "no-store"])
        }
        return .json(flow.resource(steps: steps), headers: [.eTag: tag.fieldValue])
    }

    fileprivate func cancelFlow() async throws -> Response {
        let (id, principal) = (try id(of: Flow.self), try principal())
        return try await once(.ok) { keep in
            try await services.flows.cancel(id, by: principal, channel: Self.channel, at: now) { writer in
                try await keep(writer.transaction, writer.resource)
            }
        }
    }

    fileprivate func retryFlow() async throws -> Response {
        let (id, principal) = (try id(of: Flow.self), try principal())
        return try await once(.ok) { keep in
            try await services.flows.retry(id, by: principal, channel: Self.channel, at: now) { writer in
                try await keep(writer.transaction, writer.resource)
            }
        }
    }
}

extension Response {
    /// Says where the flow is that was made.
    fileprivate mutating func locateFlow() throws {
        if case .bytes(let bytes) = body, let id = try JSON.parse(bytes)["id"]?.string {
            headers[.location] = "/v1/flows/\(id)"
        }
    }
}

extension FlowWriter {
    /// The flow as it will be once this change is committed.
    var resource: JSON {
        var flow = flow
        flow.updatedAt = now
        return flow.resource(steps: steps)
    }
}

extension Flow {
    /// The flow in a list: without its state.
    var listed: JSON {
        guard case .object(var object) = summary else { return summary }
        object["metadata"] = metadata
        object["seq"] = JSON(Int(seq))
        object["epoch"] = JSON(epoch)
        object["updated_at"] = JSON(updatedAt.rfc3339)
        return .object(object)
    }
}
