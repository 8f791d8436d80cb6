import CPQ

/// What one statement returned.
public struct PostgresRows: Sendable, RandomAccessCollection {
    let result: ResultBox

    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of rows.
    public var endIndex: Int { result.rowCount }

    /// Rows that an `INSERT`, `UPDATE` or `DELETE` changed, or a `SELECT` returned; 0 for other commands.
    public var affected: Int { Int(String(cString: PQcmdTuples(result.pointer))) ?? 0 }

    /// The row at `index`.
    public subscript(index: Int) -> PostgresRow {
        precondition(indices.contains(index), "row \(index) of \(count)")
        return PostgresRow(result: result, index: Int32(index))
    }

    /// The command the server completed: `COMMIT`, `INSERT 0 1`.
    var commandTag: String { String(cString: PQcmdStatus(result.pointer)) }
}

/// A `PGresult` that is cleared with its last reference.
///
/// `@unchecked Sendable` because libpq never changes a complete result and allows it to be read from any thread
/// (PostgreSQL documentation, section 34.20).
final class ResultBox: @unchecked Sendable {
    let pointer: OpaquePointer
    let rowCount: Int

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        rowCount = Int(PQntuples(pointer))
    }

    deinit { PQclear(pointer) }
}
