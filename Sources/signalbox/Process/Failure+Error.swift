import Domain
import Identity
import Persistence
import Postgres
import Reactor

extension Failure {
    /// The sentence and code for an error of the floors below.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure:
            self = failure
        case StoreError.unavailable(let reason), StoreError.unknownOutcome(let reason):
            self.init(.databaseUnavailable, Self.sentence("the database does not answer: \(reason)"))
        case StoreError.moving:
            self.init(.databaseUnavailable, "the tenant is being moved to another database.")
        case StoreError.failed(let state, let message):
            self.init(.databaseUnavailable, Self.sentence("the database refuses: \(message) (SQLSTATE \(state))"))
        case let error as PostgresError:
            self.init(
                error.kind == .invalidConfiguration ? .configuration : .databaseUnavailable,
                Self.sentence("the database cannot be used: \(error.debugDescription)")
            )
        case let error as MigrationError:
            self.init(.databaseUnavailable, Self.sentence(error.description))
        case let error as TenantMoveError:
            self.init(.databaseUnavailable, Self.sentence(error.description))
        case let error as StoreSetupError:
            self.init(.databaseUnavailable, Self.sentence(error.description))
        case let error as IdentityConfigurationError:
            self.init(.configuration, error.description)
        case let error as TLSError:
            self.init(.configuration, error.description)
        case let error as SystemError:
            self.init(.system, "the system refuses: \(error).")
        default:
            self.init(.software, "unexpected error: \(error).")
        }
    }

    /// One line that ends like a sentence: libpq's words come with tabs, line ends and question marks.
    private static func sentence(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.last.map { ".!?".contains($0) } == true ? line : line + "."
    }
}
