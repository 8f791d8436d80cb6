import Approvals
import Domain
import HTTP
import HTTPTypes
import Identity
import JSON
import Ledger
import Server

extension Route {
    private static let taken: [ProblemCode] = [
        .alreadyDecided, .stalePrompt, .claimed, .cancelled, .expired, .promptChanged,
    ]

    static let prompts: [Route] = [
        Route(
            .post,
            "/v1/flows/{id}/prompts",
            .action(.askPrompt),
            "Asks people. An open prompt of the same step is superseded.",
            body: .json("NewPrompt"),
            isIdempotent: true,
            answers: [Answer(201, "Prompt")],
            problems: [.invalidPrompt, .flowHasEnded, .tooManyOpenPrompts]
        ) { try await $0.ask() },
        Route(
            .get,
            "/v1/prompts",
            .action(.readPrompts),
            "Lists prompts, oldest first.",
            parameters: [
                .choice("status", PromptStatus.allCases.map(\.rawValue), "Only prompts in this status."),
                .text("flow", "Only prompts of this flow."),
            ] + Parameter.paging,
            answers: [Answer(200, "PromptList")]
        ) { try await $0.listPrompts() },
        Route(
            .get,
            "/v1/prompts/{id}",
            .action(.readPrompts),
            "A prompt; with `wait`, once it is decided or the time is over.",
            parameters: [
                .query(
                    "wait",
                    ["type": "integer", "minimum": 0, "maximum": JSON(Call.maximumWait), "default": 0],
                    "How many seconds to wait for an answer."
                )
            ],
            answers: [Answer(200, "Prompt")]
        ) { try await $0.showPrompt() },
        Route(
            .post,
            "/v1/prompts/{id}/claim",
            .action(.claimPrompts),
            "Takes a prompt in hand, or renews that.",
            answers: [Answer(200, "Prompt")],
            problems: taken
        ) { call in
            try await call.changeLease { id, principal in
                try await call.services.approvals.claim(id, by: principal, channel: Call.channel, at: call.now)
            }
        },
        Route(
            .post,
            "/v1/prompts/{id}/release",
            .action(.claimPrompts),
            "Gives a claimed prompt back.",
            answers: [Answer(200, "Prompt")],
            problems: taken
        ) { call in
            try await call.changeLease { id, principal in
                try await call.services.approvals.release(id, by: principal, channel: Call.channel, at: call.now)
            }
        },
        Route(
            .post,
            "/v1/prompts/{id}/decision",
            .action(.decidePrompts),
            "Decides a prompt, once.",
            body: .json("Decision"),
            answers: [Answer(200, "Prompt")],
            problems: [.invalidDecision, .idempotencyMismatch, .claimRequired] + taken
        ) { try await $0.decide() },
    ]
}

extension Call {
    fileprivate func changeLease(_ change: (PromptID, Principal) async throws -> Prompt) async throws -> Response {
        .json(try await change(try id(of: Prompt.self), try principal()).json)
    }

    fileprivate func ask() async throws -> Response {
        let request = try PromptRequest(try json())
        let (id, principal) = (try id(of: Flow.self), try principal())
        return try await once(.created) { keep in
            do {
                return try await services.approvals.ask(
                    request.draft,
                    step: request.step,
                    flow: id,
                    by: principal,
                    channel: Self.channel,
                    at: now
                ) { writer, prompt in
                    try await keep(writer.transaction, prompt.json)
                }
            } catch ApprovalError.invalid(let violations) {
                throw Problem(.invalidPrompt, violations)
            } catch ApprovalError.forbidden {
                throw Problem(.nativeFlow)
            }
        }
    }

    fileprivate func listPrompts() async throws -> Response {
        let status = try choice("status", PromptStatus.self)
        let flow = try queryID("flow", of: Flow.self)
        let (limit, cursor) = (try limit(), try cursor())
        let prompts = try page(
            try await read { transaction in
                try await transaction.prompts.list(
                    flow: flow,
                    status: status,
                    pendingOnly: false,
                    limit: limit,
                    cursor: cursor
                )
            }
        )
        return .page(prompts.items.map(\.json), next: prompts.next)
    }

    fileprivate func decide() async throws -> Response {
        let id = try id(of: Prompt.self)
        let decision = try Decision(request: try json(), key: head.headers[.idempotencyKey])
        let answer = try await services.approvals.decide(
            id,
            with: decision,
            by: try principal(),
            channel: Self.channel,
            at: now
        )
        return .json(answer)
    }
}
