import Domain

extension StoreError {
    /// Whether nothing happened, and the same may be tried again.
    var isPassing: Bool {
        if case .unknownOutcome = self { return false }
        return refusal == nil
    }

    /// Why the database refused what a step wrote, where it would refuse the same again; nil for what passes by itself, so
    /// that the step is worth another try.
    var refusal: String? {
        switch self {
        case .unavailable, .moving, .unknownOutcome: nil
        case .duplicate(let constraint): "The database refused a value that is there already (\(constraint))."
        case .failed(let sqlState, let message):
            Self.lastingClasses.contains(String(sqlState.prefix(2))) || sqlState == Self.dataCorrupted
                ? "The database refused what the step wrote (\(sqlState)): \(message)" : nil
        }
    }

    /// SQLSTATE classes (PostgreSQL, appendix A) that depend on the statement only: cardinality, data, integrity, syntax or
    /// access rule, check option, program limit.
    private static let lastingClasses: Set<String> = ["21", "22", "23", "42", "44", "54"]
    private static let dataCorrupted = "XX001"
}
