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

extension PostgresRequest {
    /// The same batch with others in front, whose rows its caller does not see.
    func preceded(by first: [PostgresStatement], _ statements: [PostgresStatement]) -> PostgresRequest {
        PostgresRequest(id: id, content: .batch(first + statements), mayCommit: mayCommit, deadline: deadline) {
            completion($0.map { Array($0.dropFirst(first.count)) })
        }
    }
}

/// A request that was sent, and what has come back so far.
struct PostgresExchange {
    /// What the server answers one after the other.
    enum Command {
        case preparation(PreparedStatements.Key)
        case execution(PreparedStatements.Key)
    }

    let request: PostgresRequest
    /// What a batch consists of, as it was sent.
    var commands: [Command] = []
    private var commandsEnded = 0
    var rows: [PostgresRows] = []
    var error: PostgresError?
    /// Its task was cancelled: the server was asked to stop.
    var isCancelled = false
    /// The answer is complete; what is left is the end of a cancel request, which must not hit the next request.
    var isAnswered = false
    /// Cancel requests on their way.
    var cancelsUnderway = 0

    init(request: PostgresRequest) {
        self.request = request
    }

    /// What the server answers now; nil behind the end, and in a script.
    var command: Command? { commandsEnded < commands.count ? commands[commandsEnded] : nil }

    mutating func endCommand() { commandsEnded += 1 }

    var result: Result<[PostgresRows], PostgresError> {
        guard let error else { return .success(rows) }
        return .failure(error.kind == .timeout && isCancelled ? error.with(kind: .cancelled) : error)
    }
}
