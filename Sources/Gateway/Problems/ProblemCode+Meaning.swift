extension ProblemCode {
    /// The register. JSON-RPC numbers -32000 to -32099 are ours (JSON-RPC 2.0, section 5.1); they follow the HTTP status,
    /// and `data.code` tells apart what shares a number.
    var meaning: ProblemMeaning { inputMeaning ?? accessMeaning ?? promptMeaning ?? flowMeaning ?? wireMeaning }

    private var inputMeaning: ProblemMeaning? {
        switch self {
        case .badRequest: .init(400, "The request is malformed", rpc: -32600, close: 4400)
        case .malformedJSON: .init(400, "The content is not JSON", rpc: -32700, close: 4400)
        case .invalidRequest: .init(400, "The message is not a JSON-RPC request", rpc: -32600, close: 4400)
        case .methodNotFound: .init(404, "There is no such method", rpc: -32601)
        case .invalidParameter: .init(400, "A parameter is not valid", rpc: -32602)
        case .invalidInput: .init(422, "The content is not valid", rpc: -32602)
        case .invalidPatch: .init(422, "The patch cannot be applied", rpc: -32022)
        case .invalidState: .init(422, "The state is not valid", rpc: -32022)
        case .invalidPrompt: .init(422, "The prompt is not valid", rpc: -32022)
        case .invalidDecision: .init(422, "The decision is not valid", rpc: -32022)
        case .unknownFlowType: .init(422, "There is no such flow type", rpc: -32022)
        case .idempotencyMismatch:
            .init(422, "The idempotency key was used for something else", rpc: -32022)
        default: nil
        }
    }

    private var accessMeaning: ProblemMeaning? {
        switch self {
        case .unauthenticated: .init(401, "Sign in first", rpc: -32001, close: 4401)
        case .invalidCredentials: .init(401, "Sign-in failed", rpc: -32001)
        case .invalidToken: .init(401, "The access token is not valid", rpc: -32001, close: 4401)
        case .tokenExpired: .init(401, "The access token has expired", rpc: -32001, close: 4401)
        case .sessionEnded: .init(401, "The session has ended", rpc: -32001, close: 4401)
        case .invalidRefreshToken: .init(401, "The refresh token is not valid", rpc: -32001)
        case .forbidden: .init(403, "This is not allowed", rpc: -32003, close: 4403)
        case .csrfFailed: .init(403, "The CSRF token is missing or wrong", rpc: -32003)
        case .originNotAllowed: .init(403, "The origin is not allowed", rpc: -32003, close: 4403)
        case .notFound: .init(404, "There is no such thing", rpc: -32004, close: 4404)
        default: nil
        }
    }

    private var promptMeaning: ProblemMeaning? {
        switch self {
        case .alreadyDecided: .init(409, "The prompt is decided already", rpc: -32009)
        case .stalePrompt: .init(409, "A newer prompt took its place", rpc: -32009)
        case .promptChanged: .init(409, "The prompt is not what was shown", rpc: -32009)
        case .claimed: .init(409, "Somebody else has claimed the prompt", rpc: -32009)
        case .claimRequired: .init(409, "Only the holder of a claim may decide", rpc: -32009)
        case .cancelled: .init(409, "The flow ended before the decision", rpc: -32009)
        case .expired: .init(410, "The time to decide is over", rpc: -32010)
        default: nil
        }
    }

    private var flowMeaning: ProblemMeaning? {
        switch self {
        case .conflict: .init(409, "Somebody else was first", rpc: -32009, retryable: true)
        case .flowHasEnded: .init(409, "The flow has ended", rpc: -32009)
        case .notPossible: .init(409, "The flow's status does not allow this", rpc: -32009)
        case .nativeFlow: .init(409, "The flow is driven by its own steps", rpc: -32009)
        case .tooManyOpenPrompts: .init(409, "The flow has too many open prompts", rpc: -32009, retryable: true)
        case .tooManyWebhooks: .init(409, "The tenant has too many webhooks", rpc: -32009)
        case .historyGone: .init(410, "What happened then is no longer kept", rpc: -32010)
        case .preconditionFailed: .init(412, "The flow has moved on", rpc: -32012)
        default: nil
        }
    }

    private var wireMeaning: ProblemMeaning {
        switch self {
        case .methodNotAllowed: .init(405, "The method is not allowed here", rpc: -32005)
        case .notAcceptable: .init(406, "No acceptable form of the answer", rpc: -32006)
        case .requestTimeout: .init(408, "The request took too long to arrive", rpc: -32008, retryable: true)
        case .representationChanged: .init(412, "What was asked for has changed", rpc: -32012)
        case .contentTooLarge: .init(413, "The content is too large", rpc: -32013, close: 1009)
        case .uriTooLong: .init(414, "The request target is too long", rpc: -32014)
        case .unsupportedMediaType: .init(415, "The content type is not taken here", rpc: -32015, close: 1003)
        case .rangeNotSatisfiable: .init(416, "None of the ranges exists", rpc: -32016)
        case .expectationFailed: .init(417, "The expectation cannot be met", rpc: -32017)
        case .upgradeRequired: .init(426, "This is a WebSocket", rpc: -32026)
        case .tooManyRequests: .init(429, "Too many requests", rpc: -32000, close: 4429, retryable: true)
        case .tooManyAttempts: .init(429, "Too many attempts", rpc: -32000, retryable: true)
        case .headersTooLarge: .init(431, "The header fields are too large", rpc: -32031)
        case .helloTimeout: .init(408, "No hello in time", rpc: -32008, close: 4408, retryable: true)
        case .noProgress: .init(408, "Nothing was taken for too long", rpc: -32008, close: 4408, retryable: true)
        case .goingAway: .init(503, "The server is going down", rpc: -32053, close: 1012, retryable: true)
        case .notImplemented: .init(501, "This is not implemented here", rpc: -32051)
        case .busy: .init(503, "The server is busy", rpc: -32053, close: 1013, retryable: true)
        case .unavailable: .init(503, "The database does not answer", rpc: -32053, retryable: true)
        case .unknownOutcome: .init(503, "It is not known whether it happened", rpc: -32053)
        case .tooManyConnections: .init(503, "There are too many connections", rpc: -32053, retryable: true)
        case .httpVersionNotSupported: .init(505, "The HTTP version is not supported", rpc: -32055)
        default: .init(500, "The server failed", rpc: -32603, close: 1011)
        }
    }
}
