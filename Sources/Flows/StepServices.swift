import Approvals
import Domain
import JSON
import Ledger
import Locking

/// What one attempt of a step may use: the type-free part of its context.
final class StepServices: Sendable {
    let start: StepStart
    let lease: Lease
    let ledger: Ledger
    let registry: FlowRegistry
    let environment: FlowEnvironment

    private struct Progress {
        /// What ``StepContext/stage(_:)`` keeps for the commit of the result.
        var staged: [@Sendable (inout FlowDraft) throws -> Void] = []
        var effects: [String: EffectRecord]
        /// How often each name was used in this attempt.
        var uses: [String: Int] = [:]
        /// What it waits for.
        var awaited: Set<String> = []
    }

    private let progress: Mutex<Progress>

    /// The largest result of a step or an effect, in bytes of its serialised form.
    static let maximumResult = 8 << 20

    init(
        _ start: StepStart,
        lease: Lease,
        ledger: Ledger,
        registry: FlowRegistry,
        environment: FlowEnvironment
    ) {
        self.start = start
        self.lease = lease
        self.ledger = ledger
        self.registry = registry
        self.environment = environment
        let effects = Dictionary(start.effects.map { ($0.name, $0) }) { first, _ in first }
        progress = Mutex(Progress(effects: effects))
    }

    var step: StepKey { start.key }
    var causes: [StepKey] { start.causes }

    // MARK: Kept until the end

    func stage(_ change: @escaping @Sendable (inout FlowDraft) throws -> Void) {
        progress.withLock { $0.staged.append(change) }
    }

    var staged: [@Sendable (inout FlowDraft) throws -> Void] { progress.withLock(\.staged) }
    var awaited: Set<String> { progress.withLock(\.awaited) }

    /// What the attempt left in the journal and did not ask for again; nil when it asked for all of it.
    var unused: String? {
        progress.withLock { progress in start.effects.map(\.name).first { progress.uses[$0] == nil } }
    }

    // MARK: Effects

    /// The name of an effect in the journal: the one it was given, numbered from its second use in an attempt on.
    func name(_ given: String) -> String {
        progress.withLock { progress in
            let use = (progress.uses[given] ?? 0) + 1
            progress.uses[given] = use
            guard use > 1 else { return given }
            let numbered = "\(given)#\(use)"
            progress.uses[numbered] = 1
            return numbered
        }
    }

    /// How often a name was used in this attempt.
    func uses(of name: String) -> Int { progress.withLock { $0.uses[name] ?? 0 } }

    /// What the journal knows of an effect.
    /// - Throws: ``StepError/journalMismatch(step:effect:reason:)`` when it is of another kind.
    func known(_ name: String, as kind: EffectRecord.Kind) throws -> EffectRecord? {
        guard let effect = progress.withLock({ $0.effects[name] }) else { return nil }
        guard effect.kind == kind else {
            let reason = "was of kind \(effect.kind.rawValue) and is of kind \(kind.rawValue)"
            throw StepError.journalMismatch(step: step.name, effect: name, reason: reason)
        }
        return effect
    }

    func learn(_ effect: EffectRecord) { progress.withLock { $0.effects[effect.name] = effect } }

    /// Ends the attempt until the effect is done.
    func wait(for name: String) -> StepSuspended {
        progress.withLock { _ = $0.awaited.insert(name) }
        return StepSuspended()
    }

    /// Checks the size of what is to be kept in the journal.
    func checked(_ result: JSON) throws -> JSON {
        let bytes = result.serializedSize(upTo: Self.maximumResult)
        guard bytes <= Self.maximumResult else {
            throw StepError.resultTooLarge(step: step.name, bytes: bytes, limit: Self.maximumResult)
        }
        return result
    }

    // MARK: Writing

    /// Writes the flow, provided that this attempt is still the one that counts.
    func change<Result: Sendable>(
        _ body: @escaping @Sendable (inout FlowDraft) throws -> Result
    ) async throws -> Result {
        let now = environment.now()
        return try await ledger.change(lease.flow, by: FlowEngine.actorName, at: now) { [self] draft in
            try check(&draft)
            return try body(&draft)
        }
    }

    /// As ``change(_:)``, in a transaction of its own.
    func write<Result: Sendable>(_ body: @Sendable (FlowWriter) async throws -> Result) async throws -> Result {
        let now = environment.now()
        do {
            return try await ledger.write(lease.flow, by: FlowEngine.actorName, at: now) { writer in
                try writer.change { try check(&$0) }
                return try await body(writer)
            }
        } catch LedgerError.conflict {
            throw FlowLost()
        }
    }

    private func check(_ draft: inout FlowDraft) throws {
        guard let type = registry.type(draft.flow.type, version: draft.flow.version) else { throw FlowLost() }
        let machine = FlowMachine(type: type, lease: lease, now: environment.now())
        _ = try machine.running(step, attempt: start.attempt, &draft)
    }
}

/// The step waits: what it waits for is in the journal, and its body is run again when that has come. A body must let this
/// error pass.
struct StepSuspended: Error {}
