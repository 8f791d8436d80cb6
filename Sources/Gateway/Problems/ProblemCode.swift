/// The stable names of everything that can be refused: the one register behind HTTP, JSON-RPC and `errors.json`.
enum ProblemCode: String, Sendable, CaseIterable {
    case badRequest = "bad_request"
    case malformedJSON = "malformed_json"
    case invalidRequest = "invalid_request"
    case methodNotFound = "method_not_found"
    case invalidParameter = "invalid_parameter"
    case invalidInput = "invalid_input"
    case invalidPatch = "invalid_patch"
    case invalidState = "invalid_state"
    case invalidPrompt = "invalid_prompt"
    case invalidDecision = "invalid_decision"
    case unknownFlowType = "unknown_flow_type"
    case idempotencyMismatch = "idempotency_mismatch"
    case unauthenticated
    case invalidCredentials = "invalid_credentials"
    case invalidToken = "invalid_token"
    case tokenExpired = "token_expired"
    case sessionEnded = "session_ended"
    case invalidRefreshToken = "invalid_refresh_token"
    case forbidden
    case csrfFailed = "csrf_failed"
    case originNotAllowed = "origin_not_allowed"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case notAcceptable = "not_acceptable"
    case requestTimeout = "request_timeout"
    case alreadyDecided = "already_decided"
    case stalePrompt = "stale_prompt"
    case promptChanged = "prompt_changed"
    case claimed
    case claimRequired = "claim_required"
    case cancelled
    case expired
    case conflict
    case flowHasEnded = "flow_has_ended"
    case notPossible = "not_possible"
    case nativeFlow = "native_flow"
    case tooManyOpenPrompts = "too_many_open_prompts"
    case tooManyWebhooks = "too_many_webhooks"
    case historyGone = "history_gone"
    case preconditionFailed = "precondition_failed"
    case representationChanged = "representation_changed"
    case contentTooLarge = "content_too_large"
    case uriTooLong = "uri_too_long"
    case headersTooLarge = "headers_too_large"
    case rangeNotSatisfiable = "range_not_satisfiable"
    case expectationFailed = "expectation_failed"
    case unsupportedMediaType = "unsupported_media_type"
    case upgradeRequired = "upgrade_required"
    case tooManyRequests = "too_many_requests"
    case tooManyAttempts = "too_many_attempts"
    case helloTimeout = "hello_timeout"
    case noProgress = "no_progress"
    case goingAway = "going_away"
    case internalError = "internal_error"
    case notImplemented = "not_implemented"
    case httpVersionNotSupported = "http_version_not_supported"
    case busy
    case unavailable
    case unknownOutcome = "unknown_outcome"
    case tooManyConnections = "too_many_connections"
}

/// What a code means on each wire.
struct ProblemMeaning: Sendable {
    /// The HTTP status.
    let status: Int
    /// One line that never changes, whatever happened in detail.
    let title: String
    /// The JSON-RPC 2.0 error number.
    let number: Int
    /// The WebSocket close code, where the problem can end a connection.
    let close: UInt16?
    /// Whether the same request may succeed later without anything being done about it.
    let isRetryable: Bool

    init(_ status: Int, _ title: String, rpc number: Int, close: UInt16? = nil, retryable: Bool = false) {
        self.status = status
        self.title = title
        self.number = number
        self.close = close
        isRetryable = retryable
    }
}
