/// Something a connection does as a whole before it does the next.
struct PostgresRequest {
    enum Content {
        /// Statements sent together; those after a failed one are skipped. Without a transaction around them they are one.
        case batch([PostgresStatement])
        /// Statements without parameters, separated by `;`, whose rows nobody wants.
        case script(String)
    }

    /// Names the request, for ``PostgresConnection/cancel(_:)``.
    let id: UInt64
    let content: Content
    /// Whether something may be committed by it: decides what a lost connection means.
    let mayCommit: Bool
    /// How long its answer is waited for before the connection is given up.
    let deadline: Duration?
    /// Called once, on the loop.
    let completion: (Result<[PostgresRows], PostgresError>) -> Void
}

/// A request that was sent, and what has come back so far.
struct PostgresExchange {
    let request: PostgresRequest
    var rows: [PostgresRows] = []
    var error: PostgresError?
    /// Its task was cancelled: the server was asked to stop.
    var isCancelled = false
    /// The answer is complete; what is left is the end of a cancel request, which must not hit the next request.
    var isAnswered = false
    /// Cancel requests on their way.
    var cancelsUnderway = 0

    var result: Result<[PostgresRows], PostgresError> {
        guard let error else { return .success(rows) }
        return .failure(error.kind == .timeout && isCancelled ? error.with(kind: .cancelled) : error)
    }
}
