/// Why the database did not do what was asked.
///
/// ``description`` names neither SQL nor values, so that it may be logged and shown; what the server said in full is in
/// ``debugDescription``.
public struct PostgresError: Error, Equatable, Sendable {
    /// What went wrong, as far as callers tell cases apart.
    public enum Kind: Sendable, Hashable {
        /// A unique or primary key is taken (23505).
        case uniqueViolation
        /// A row that is referred to is missing or still referred to (23503).
        case foreignKeyViolation
        /// A `CHECK` refused the row (23514).
        case checkViolation
        /// A column that needs a value has none (23502).
        case notNullViolation
        /// The transaction cannot be put in order with others (40001).
        case serializationFailure
        /// The transaction was chosen to end a deadlock (40P01).
        case deadlock
        /// A lock was not to be had in time (55P03).
        case lockNotAvailable
        /// The role may not do this, or a row-level policy refused the row (42501).
        case insufficientPrivilege
        /// The statement ran longer than `statement_timeout` (57014).
        case timeout
        /// The calling task was cancelled.
        case cancelled
        /// The transaction had failed before its `COMMIT`, which therefore rolled it back.
        case transactionAborted
        /// The connection was lost before anything could be committed.
        case connectionLost
        /// The connection was lost while a commit was on its way: it may have happened.
        case unknownOutcome
        /// No connection could be made.
        case notReachable
        /// No connection became free in time, or too many callers wait already.
        case poolExhausted
        /// The client is closed, or the session's scope has ended.
        case closed
        /// The server takes no changes at present: it has no room or memory left, cannot read or write its files, or is a
        /// replica (classes 53 and 58, 25006).
        case outOfService
        /// A parameter cannot be sent.
        case invalidParameter
        /// The configuration cannot be used.
        case invalidConfiguration
        /// A column is missing, `NULL` or of another type than was asked for.
        case column
        /// The server no longer has the prepared statement, or its tables have changed (26000, 0A000): it is prepared anew
        /// the next time.
        case stalePlan
        /// Any other refusal by the server; see ``PostgresError/sqlState``.
        case refused
    }

    /// What went wrong.
    public let kind: Kind
    /// The five characters of the SQLSTATE (PostgreSQL documentation, appendix A), where the server sent one.
    public let sqlState: String?
    /// The constraint that was violated.
    public let constraint: String?
    /// Our own words: never SQL, never values.
    let summary: String?
    /// The server's words.
    let detail: String?

    init(
        _ kind: Kind,
        _ summary: String? = nil,
        sqlState: String? = nil,
        constraint: String? = nil,
        detail: String? = nil
    ) {
        self.kind = kind
        self.summary = summary
        self.sqlState = sqlState
        self.constraint = constraint
        self.detail = detail
    }

    /// Whether the whole transaction may be run again without doing anything twice.
    public var isSafeToRetry: Bool {
        switch kind {
        case .serializationFailure, .deadlock, .lockNotAvailable, .connectionLost, .notReachable, .poolExhausted,
            .outOfService, .stalePlan:
            true
        case .uniqueViolation, .foreignKeyViolation, .checkViolation, .notNullViolation, .insufficientPrivilege,
            .timeout, .cancelled, .transactionAborted, .unknownOutcome, .closed, .invalidParameter,
            .invalidConfiguration, .column, .refused:
            false
        }
    }

    /// The same failure with another meaning for the caller.
    func with(kind: Kind) -> PostgresError {
        PostgresError(kind, summary, sqlState: sqlState, constraint: constraint, detail: detail)
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// One sentence without SQL or values.
    public var description: String {
        var text = summary ?? kind.words
        let marks = [sqlState.map { "SQLSTATE \($0)" }, constraint.map { "constraint \($0)" }].compactMap(\.self)
        if !marks.isEmpty { text += " (" + marks.joined(separator: ", ") + ")" }
        return text
    }

    /// ``description`` and the server's own words, which may contain values.
    public var debugDescription: String { detail.map { "\(description): \($0)" } ?? description }
}

extension PostgresError.Kind {
    fileprivate var words: String {
        switch self {
        case .uniqueViolation: "a unique key is taken"
        case .foreignKeyViolation: "a row that is referred to is missing or still in use"
        case .checkViolation: "a check refused the row"
        case .notNullViolation: "a value is missing"
        case .serializationFailure: "the transaction conflicts with another"
        case .deadlock: "the transaction was ended to resolve a deadlock"
        case .lockNotAvailable: "a lock was not available in time"
        case .insufficientPrivilege: "the database role may not do this"
        case .timeout: "the statement took too long"
        case .cancelled: "the task was cancelled"
        case .transactionAborted: "the transaction had failed and was rolled back"
        case .connectionLost: "the connection to the database was lost; nothing was committed"
        case .unknownOutcome: "the connection to the database was lost during a commit, which may have happened"
        case .notReachable: "the database cannot be reached"
        case .poolExhausted: "no database connection became free in time"
        case .outOfService: "the database takes no changes at present"
        case .closed: "the database client is closed"
        case .invalidParameter: "a parameter cannot be sent"
        case .invalidConfiguration: "the database configuration cannot be used"
        case .column: "a column is not as expected"
        case .stalePlan: "a prepared statement has to be prepared anew"
        case .refused: "the database refused the statement"
        }
    }
}
