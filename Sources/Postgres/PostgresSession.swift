import Reactor

/// A leased connection, valid within the closure it was given to.
///
/// Calls made at the same time run one after the other. When the calling task is cancelled, what it runs is stopped by
/// the server and throws ``PostgresError/Kind/cancelled``; the connection stays usable.
public struct PostgresSession: Sendable {
    let worker: Worker
    let core: PostgresClientCore
    let lease: UInt64
    let isInTransaction: Bool

    /// Runs one statement.
    public func query(_ sql: String, _ parameters: [PostgresValue] = []) async throws(PostgresError) -> PostgresRows {
        let results = try await batch([PostgresStatement(sql, parameters)])
        guard let rows = results.first else { throw PostgresError(.connectionLost) }
        return rows
    }

    /// Runs statements in one round trip, until the first that fails. Outside a transaction they are one transaction.
    /// - Returns: what each returned, in their order.
    public func batch(_ statements: [PostgresStatement]) async throws(PostgresError) -> [PostgresRows] {
        guard !statements.isEmpty else { return [] }
        return try await run(.batch(statements), mayCommit: !isInTransaction)
    }

    /// Runs statements without parameters, separated by `;`, as one (migrations).
    public func script(_ sql: String) async throws(PostgresError) {
        _ = try await run(.script(sql), mayCommit: !isInTransaction)
    }

    /// Begins the transaction with the first statement that is run in it, in the same round trip.
    func begin(_ statements: [PostgresStatement]) async throws(PostgresError) {
        try await worker.precedeNext(by: statements, on: lease, core)
    }

    /// Ends the transaction.
    func commit() async throws(PostgresError) {
        guard !Task.isCancelled else { throw PostgresError(.cancelled) }
        let content = PostgresRequest.Content.batch([PostgresStatement("COMMIT")])
        let rows = try await worker.perform(content, mayCommit: true, on: lease, core).get()
        // A failed transaction answers COMMIT with success and rolls back.
        guard rows.first?.commandTag == "COMMIT" else { throw PostgresError(.transactionAborted) }
    }

    private func run(_ content: PostgresRequest.Content, mayCommit: Bool) async throws(PostgresError) -> [PostgresRows]
    {
        guard !Task.isCancelled else { throw PostgresError(.cancelled) }
        return try await worker.performCancellably(content, mayCommit: mayCommit, on: lease, core).get()
    }
}
