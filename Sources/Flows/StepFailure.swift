import Domain

/// An error of a step that another attempt would meet again: it is not retried.
public protocol LastingError: Error {}

extension FlowError: LastingError {}

/// Why an attempt failed.
struct StepFailure {
    /// In words for people.
    let message: String
    /// Another attempt would fail in the same way.
    let isLasting: Bool

    /// Nil when the error says nothing about the step: the database was not there, or not for it.
    init?(_ error: any Error) {
        switch error {
        case let error as StoreError:
            guard let refusal = error.refusal else { return nil }
            message = refusal
            isLasting = true
        case StepError.timedOut:
            message = String(describing: error)
            isLasting = false
        default:
            message = String(describing: error)
            isLasting = error is any LastingError
        }
    }
}
