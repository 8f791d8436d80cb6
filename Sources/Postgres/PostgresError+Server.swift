import CPQ

extension PostgresError {
    /// What the server says about a failed statement.
    init(result: OpaquePointer) {
        // The field codes of libpq-fe.h are character macros, which Swift does not import.
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        let state = field("C")
        // Other statements may have a feature that is not supported, too.
        let isStale = state == "0A000" && field("R") == "RevalidateCachedQuery"
        let words = [field("M"), field("D"), field("H")].compactMap(\.self).joined(separator: "; ")
        self.init(
            isStale ? .stalePlan : state.map(Kind.init(sqlState:)) ?? .connectionLost,
            sqlState: state,
            constraint: field("n"),
            detail: words.isEmpty ? String(cString: PQresultErrorMessage(result)) : words
        )
    }
}

extension PostgresError.Kind {
    /// PostgreSQL documentation, appendix A.
    init(sqlState: String) {
        switch sqlState {
        case "23505": self = .uniqueViolation
        case "23503": self = .foreignKeyViolation
        case "23514": self = .checkViolation
        case "23502": self = .notNullViolation
        case "40001": self = .serializationFailure
        case "40P01": self = .deadlock
        case "55P03": self = .lockNotAvailable
        case "42501": self = .insufficientPrivilege
        case "57014": self = .timeout
        case "26000": self = .stalePlan
        // 57P01 admin shutdown, 57P02 crash shutdown, 57P05 idle session timeout, 25P03 idle in transaction.
        case "57P01", "57P02", "57P05", "25P03": self = .connectionLost
        case "57P03", "53300": self = .notReachable
        case "25006": self = .outOfService
        default:
            switch sqlState.prefix(2) {
            case "08": self = .connectionLost
            case "53", "58": self = .outOfService
            default: self = .refused
            }
        }
    }
}
