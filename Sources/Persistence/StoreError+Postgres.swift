import Domain
import Postgres

extension PostgresError {
    /// What callers of the store are told: a ``StoreError``, or `CancellationError` for a cancelled task.
    var forStore: any Error {
        switch kind {
        case .cancelled: CancellationError()
        case .uniqueViolation: StoreError.duplicate(constraint ?? "")
        case .connectionLost, .notReachable, .poolExhausted, .closed, .outOfService, .lockNotAvailable:
            StoreError.unavailable(description)
        case .unknownOutcome: StoreError.unknownOutcome(description)
        case .refused where sqlState == Self.tenantIsMoving: StoreError.moving
        case .foreignKeyViolation, .checkViolation, .notNullViolation, .serializationFailure, .deadlock,
            .insufficientPrivilege, .timeout, .transactionAborted, .invalidParameter,
            .invalidConfiguration, .column, .stalePlan, .refused:
            StoreError.failed(
                sqlState: sqlState ?? (kind == .invalidParameter ? "22021" : "XX000"),
                message: description
            )
        }
    }

    /// The migration `moving` has its triggers raise it.
    private static let tenantIsMoving = "SB001"

    /// Whether running the transaction again at once is likely to help.
    var isWorthAnotherAttempt: Bool {
        kind == .serializationFailure || kind == .deadlock || kind == .connectionLost || kind == .stalePlan
    }
}

extension StoreError {
    /// A stored value that this version of the program cannot read (`data_corrupted`).
    static func unreadable(_ column: String) -> StoreError {
        .failed(sqlState: "XX001", message: "column \(column) holds a value that cannot be read")
    }
}
