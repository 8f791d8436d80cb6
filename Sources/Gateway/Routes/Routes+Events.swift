import Domain
import Flows
import HTTP
import HTTPTypes
import Identity
import JSON
import Ledger
import Server

extension Route {
    static let events: [Route] = [
        Route(
            .post,
            "/v1/flows/{id}/events",
            .action(.appendEvents),
            "Appends one AG-UI event or a batch to an external flow, all or none.",
            body: .json("Events"),
            isIdempotent: true,
            answers: [Answer(201, "Appended")],
            problems: [.nativeFlow, .flowHasEnded, .invalidState, .contentTooLarge]
        ) { try await $0.appendEvents() },
        Route(
            .get,
            "/v1/flows/{id}/events",
            .action(.readFlows),
            "The events after a position: a page, or with `Accept: text/event-stream` all of them and then live.",
            parameters: [
                .query(
                    "after",
                    ["type": "integer", "minimum": 0],
                    "The last position that is known; without it, the first event that is kept comes first."
                ),
                .header("Last-Event-ID", "Resumes an event stream: `<epoch>:<seq>`."),
            ] + Parameter.paging,
            answers: [Answer(200, "EventPage"), Answer(200, "EventText", as: MediaType.eventStream.essence)],
            problems: [.notAcceptable, .historyGone]
        ) { try await $0.showEvents() },
    ]
}

extension Call {
    fileprivate func appendEvents() async throws -> Response {
        let content = try json()
        let events = content.array ?? [content]
        let (id, principal) = (try id(of: Flow.self), try principal())
        guard head.headers[.idempotencyKey] != nil else {
            return .json(try await services.flows.append(events, to: id, by: principal, at: now).json, status: .created)
        }
        return try await once(.created) { keep in
            try await services.flows.append(events, to: id, by: principal, at: now) { writer, appended in
                try await keep(writer.transaction, appended.json)
            }
        }
    }

    fileprivate func showEvents() async throws -> Response {
        switch try head.accept().best(of: [.json, .eventStream]) {
        case .some(.eventStream): try await streamEvents()
        case .some: try await pageOfEvents()
        case nil: throw Problem(.notAcceptable, "There are application/json and text/event-stream.")
        }
    }

    private func pageOfEvents() async throws -> Response {
        let id = try id(of: Flow.self)
        let limit = try limit()
        let known = try number("cursor", in: 0...Int64.max) ?? number("after", in: 0...Int64.max)
        let after = known ?? 0
        let (flow, events) = try await read { transaction in
            guard let flow = try await transaction.flows.find(id, locked: false) else { throw Problem(.notFound) }
            return (flow, try await transaction.flows.events(of: id, after: after, limit: limit))
        }
        if let known, known < flow.seq, events.first?.seq != known + 1 {
            throw Problem.gone(from: events.first?.seq ?? flow.seq + 1)
        }
        let end = events.last?.seq ?? flow.seq
        return .page(
            events.map(\.listed),
            next: end < flow.seq ? String(end) : nil,
            extra: ["epoch": JSON(flow.epoch), "seq": JSON(Int(flow.seq))]
        )
    }
}

extension Problem {
    /// Something before this position was asked for.
    static func gone(from first: Int64) -> Problem {
        Problem(
            .historyGone,
            "The first event that is kept is at position \(first).",
            ["first_seq": JSON(Int(first))]
        )
    }
}

extension AppendedEvents {
    fileprivate var json: JSON { ["first_seq": JSON(Int(first)), "last_seq": JSON(Int(last)), "epoch": JSON(epoch)] }
}

extension FlowEvent {
    /// The event in a page.
    fileprivate var listed: JSON {
        var object: JSONObject = ["seq": JSON(Int(seq)), "event": event]
        if let patch { object["patch"] = patch }
        if let digest { object["digest"] = JSON(digest) }
        return .object(object)
    }
}
