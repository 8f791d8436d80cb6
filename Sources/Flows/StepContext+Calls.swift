// What the target Agents needs of a step to call tools in it. For this package only: the rules by which names, effects and
// events belong together are not a flow author's to keep.

import Domain
package import JSON
import Ledger

extension StepContext {
    /// A context whose effects are named `<name>/…`; of a name that is used again, the second is `<name>#2`.
    package func nested(_ name: String) -> StepContext<State> {
        StepContext(services, scope: services.name(scope + name) + "/")
    }

    /// The key of a nested context as a whole.
    package var key: EffectKey { key(String(scope.dropLast())) }

    /// Counts, in all branches of this attempt. An attempt that is run again counts again.
    /// - Returns: how often `name` was counted, from 1.
    package func count(_ name: String) -> Int {
        let given = "#count \(name)"
        let numbered = services.name(given)
        return Int(numbered.dropFirst(given.count + 1)) ?? 1
    }

    /// Whether events were emitted under a name.
    package func hasEmitted(_ name: String) -> Bool {
        (try? services.known(scope + name, as: .emit)) != nil
    }

    /// What ``record(_:_:events:)`` has kept.
    package func recorded(_ name: String) throws -> JSON? { try services.known(scope + name, as: .run)?.result }

    /// Keeps a value in the journal, in one commit with events of this package.
    package func record(_ name: String, _ value: JSON, events: [JSON]) async throws {
        try await services.keep(
            EffectRecord(
                step: services.step,
                name: services.name(scope + name),
                kind: .run,
                isDone: true,
                result: try services.checked(value)
            ),
            events: events
        )
    }

    /// Says that all that was ever done in this context still belongs to the body, though it was not asked for one by one.
    package func claimAll() {
        for effect in services.start.effects
        where effect.name.hasPrefix(scope) && services.uses(of: effect.name) == 0 {
            _ = services.name(effect.name)
        }
    }

    /// Checks the size of what is to be kept in the journal.
    /// - Throws: ``StepError/resultTooLarge(step:bytes:limit:)``.
    package func checked(_ value: JSON) throws -> JSON { try services.checked(value) }

    /// Runs a part of the body, for so long at most; see ``StepPolicy/timeout``.
    /// - Throws: what `body` throws; ``StepError/timedOut(step:limit:)``.
    package func run<Output: Sendable>(
        within limit: Duration?,
        _ body: @escaping @Sendable () async throws -> Output
    ) async throws -> Output {
        try await services.environment.run(services.step.name, within: limit) { [tenant = services.lease.tenant] in
            try await TenantContext.with(tenant) { try await body() }
        }
    }

    /// What an error says about what threw it.
    /// - Returns: nil when it says nothing: the attempt was stopped, has to wait, or could not reach the database.
    package func failure(_ error: any Error) -> (message: String, isLasting: Bool)? {
        guard !(error is CancellationError || error is StepSuspended || error is FlowLost || error is AttemptLost),
            !Task.isCancelled, let failure = StepFailure(error)
        else { return nil }
        return (failure.message, failure.isLasting)
    }
}
