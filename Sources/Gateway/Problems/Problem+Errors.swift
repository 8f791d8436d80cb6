// The one place where the errors of the floors below become refusals.

import Approvals
import Domain
import Flows
import HTTP
import HTTPTypes
import Identity
import JSON
import Ledger
import Server
import Streams
import Webhooks

extension Problem {
    /// What any error of a command means to its caller. What is unknown is a fault of ours and says nothing more.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as ApprovalError: self.init(approval: error)
        case let error as LedgerError: self.init(ledger: error)
        case let error as FlowError: self.init(flow: error)
        case is HistoryGone: self.init(.historyGone)
        case let error as JSONPatchError: self.init(patch: error)
        case let error as JSONError: self.init(.malformedJSON, error.description, ["offset": JSON(error.offset)])
        case let error as StoreError: self.init(store: error)
        case let error as AuthError: self.init(auth: error)
        case let error as WebhookError: self.init(webhook: error)
        case let error as AttachError: self.init(attach: error)
        case BodyError.invalid(let error): self.init(http: error)
        case BodyError.disconnected: self.init(.badRequest, "The content ended early.")
        case let error as HTTPError: self.init(http: error)
        default: self.init(.internalError)
        }
    }

    private init(approval error: ApprovalError) {
        switch error {
        case .notFound: self.init(.notFound)
        case .forbidden: self.init(.forbidden)
        case .invalid(let violations): self.init(.invalidDecision, violations)
        case .alreadyDecided(let prompt):
            self.init(.alreadyDecided, nil, ["outcome": prompt.outcome?.json ?? .null, "prompt": prompt.json])
        case .stale(let prompt):
            self.init(.stalePrompt, nil, ["superseded_by": prompt.supersededBy.map { JSON($0.text) } ?? .null])
        case .changed(let prompt): self.init(.promptChanged, nil, ["prompt": prompt.json])
        case .claimed(let prompt): self.init(.claimed, nil, ["claim": prompt.claim?.json ?? .null])
        case .expired(let prompt): self.init(.expired, nil, ["prompt": prompt.json])
        case .cancelled(let prompt): self.init(.cancelled, nil, ["prompt": prompt.json])
        case .idempotencyMismatch: self.init(.idempotencyMismatch)
        case .claimRequired(let prompt): self.init(.claimRequired, nil, ["prompt": prompt.json])
        }
    }

    /// A refusal of a decision or a prompt, with its reasons.
    init(_ code: ProblemCode, _ violations: [Violation]) {
        self.init(code, faults: violations.map { Fault(pointer: $0.pointer, message: $0.message) })
    }

    private init(ledger error: LedgerError) {
        switch error {
        case .noSuchFlow: self.init(.notFound)
        case .conflict: self.init(.conflict)
        case .stateIsNotAnObject:
            self.init(.invalidState, faults: [Fault(pointer: "", message: "The state must be an object")])
        case .stateTooLarge(let bytes, let limit):
            self.init(
                .contentTooLarge,
                "The state would have \(bytes) bytes; it may have \(limit).",
                ["limit": JSON(limit), "limit_name": "state_bytes"]
            )
        case .tooManyOpenPrompts(let limit):
            self.init(
                .tooManyOpenPrompts,
                "At most \(limit) may wait at once.",
                ["limit": JSON(limit), "limit_name": "open_prompts"]
            )
        case .flowHasEnded(let status):
            self.init(.flowHasEnded, "It is \(status.rawValue).", ["flow_status": JSON(status.rawValue)])
        case .moved(let seq):
            self.init(.preconditionFailed, "It is at \(seq).", ["seq": JSON(Int(seq))])
        }
    }

    private init(flow error: FlowError) {
        switch error {
        case .unknownType:
            self.init(.unknownFlowType, faults: [Fault(pointer: "/type", message: "is not a registered flow type")])
        case .invalidInput(let pointer, let message):
            self.init(.invalidInput, faults: [Fault(pointer: pointer, message: message)])
        case .invalidState(let reason):
            self.init(.invalidState, faults: [Fault(pointer: "", message: reason)])
        case .nativeFlow: self.init(.nativeFlow)
        case .notPossible(let status, _):
            self.init(.notPossible, "\(error).", ["flow_status": JSON(status)])
        }
    }

    private init(patch error: JSONPatchError) {
        let place = error.index.map { "/\($0)" } ?? ""
        self.init(.invalidPatch, faults: [Fault(pointer: place, message: error.description)])
        detail = error.description
        if let index = error.index { members["index"] = JSON(index) }
        members["path"] = JSON(error.pointer)
    }

    private init(store error: StoreError) {
        switch error {
        case .unavailable: self = Problem(.unavailable).retrying(after: 1)
        case .moving:
            self = Problem(.unavailable, "The tenant is being moved to another database.").retrying(after: 1)
        case .unknownOutcome: self = Problem(.unknownOutcome).retrying(after: 1)
        case .duplicate: self.init(.conflict)
        // Text with U+0000, wherever it came in: the one thing every JSON string may hold and no database text can.
        case .failed(sqlState: "22021", _): self.init(.invalidInput, "Text must not contain U+0000.")
        case .failed: self.init(.internalError)
        }
    }

    private init(auth error: AuthError) {
        switch error {
        case .invalidField(let name, _):
            self.init(.invalidInput, faults: [Fault(pointer: "/\(name)", message: error.description)])
        case .tooManyAttempts(let seconds):
            self = Problem(.tooManyAttempts, error.description).retrying(after: seconds)
        case .busy: self = Problem(.busy, error.description).retrying(after: 1)
        case .invalidCredentials, .invalidRefreshToken, .invalidToken, .sessionEnded:
            self.init(ProblemCode(rawValue: error.code) ?? .unauthenticated, error.description)
            let isTokenAtFault = code == .invalidToken || code == .tokenExpired
            headers[.wwwAuthenticate] =
                isTokenAtFault ? #"Bearer realm="signalbox", error="invalid_token""# : Self.challenge
        }
    }

    private init(webhook error: WebhookError) {
        switch error {
        case .notFound: self.init(.notFound)
        case .invalid(let faults):
            self.init(.invalidInput, faults: faults.map { Fault(pointer: "/\($0.member)", message: $0.message) })
        case .tooMany(let limit):
            self.init(
                .tooManyWebhooks,
                "A tenant may have \(limit).",
                ["limit": JSON(limit), "limit_name": "webhooks"]
            )
        case .onItsWay: self = Problem(.conflict, "The delivery is being tried at this moment.").retrying(after: 1)
        }
    }

    private init(attach error: AttachError) {
        switch error {
        case .noSuchStream: self.init(.notFound)
        case .unavailable: self = Problem(.unavailable).retrying(after: 1)
        }
    }

    private init(http error: HTTPError) {
        let code: ProblemCode =
            switch error.suggestedStatus.code {
            case 413: .contentTooLarge
            case 414: .uriTooLong
            case 417: .expectationFailed
            case 431: .headersTooLarge
            case 501: .notImplemented
            case 505: .httpVersionNotSupported
            case 500: .internalError
            default: .badRequest
            }
        self.init(code, code == .internalError ? nil : error.description)
        if case .limitExceeded(let name, let limit) = error {
            members["limit"] = JSON(limit)
            members["limit_name"] = JSON(Self.setting(of: name))
        }
    }

    /// The setting that a limit of the parser comes from; its own name where none does, or more than one.
    private static func setting(of limit: HTTPLimits.Name) -> String {
        switch limit {
        case .requestLine: "max_request_line_bytes"
        case .headerBytes: "max_header_bytes"
        case .headerCount: "max_header_count"
        case .body, .chunkExtensionBytes, .trailerBytes: limit.rawValue
        }
    }

    /// The refusal of a caller who has not said who they are.
    static var signInFirst: Problem {
        var problem = Problem(.unauthenticated)
        problem.headers[.wwwAuthenticate] = challenge
        return problem
    }

    /// RFC 6750, section 3.
    private static let challenge = #"Bearer realm="signalbox""#
}
