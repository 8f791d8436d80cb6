public import Domain
import JSON
import Ledger

/// Names one effect of one step of one flow, the same each time it is tried: whoever carries it out can tell a repetition by it.
public struct EffectKey: Sendable, Hashable, CustomStringConvertible {
    /// The key; at most a few hundred bytes.
    public let text: String
    /// The key.
    public var description: String { text }

    /// The key of what people approved: one approval, one effect, also if the flow is forked after it.
    package init(approvedBy answer: PromptAnswer) { text = answer.promptID }

    init(text: String) { self.text = text }
}

// Names of effects are unique within a step: of one that is used again, the second has `#2` behind it, and so on. A body that
// is run again must come to the same names in the same way.

extension StepContext {
    /// Does something outside, once: its result is kept in the journal, and when the body is run again it is read from there.
    ///
    /// Where the process dies between the effect and its commit, nobody can tell whether it happened: it is done again with
    /// the same key, by which the other side can tell. What it throws is not kept.
    /// - Throws: what `body` throws; ``StepError/resultTooLarge(step:bytes:limit:)``,
    ///   ``StepError/journalMismatch(step:effect:reason:)``.
    public func run<Output: Codable & Sendable>(
        _ name: String,
        _ body: @Sendable (EffectKey) async throws -> Output
    ) async throws -> Output {
        let name = services.name(scope + name)
        if let known = try services.known(name, as: .run) {
            return try services.decode(known.result ?? .null, of: name)
        }
        try Task.checkCancellation()
        let output = try await body(key(name))
        try await services.keep(
            EffectRecord(
                step: services.step,
                name: name,
                kind: .run,
                isDone: true,
                result: try services.checked(try JSON(encoding: output))
            )
        )
        return output
    }

    /// As ``run(_:_:)``, for what has no result.
    public func run(_ name: String, _ body: @Sendable (EffectKey) async throws -> Void) async throws {
        _ = try await run(name) { key in
            try await body(key)
            return true
        }
    }

    /// Waits for a while, over restarts, without holding a thread or a connection.
    public func sleep(for duration: Duration, _ name: String = "sleep") async throws {
        let end = services.environment.now().microseconds + Int64(duration.inMicroseconds)
        try await sleep(until: Timestamp(microseconds: end), name)
    }

    /// Waits until a time, over restarts, without holding a thread or a connection. The time counts that was given first.
    public func sleep(until time: Timestamp, _ name: String = "sleep") async throws {
        let name = services.name(scope + name)
        if try services.known(name, as: .sleep)?.isDone == true { return }
        if try services.known(name, as: .sleep) == nil {
            guard time > services.environment.now() else { return }
            try await services.keep(
                EffectRecord(step: services.step, name: name, kind: .sleep, isDone: false, dueAt: time)
            )
        }
        throw services.wait(for: name)
    }

    /// Runs a body for each item, several at once, and gives their results in the order of the items. What the bodies do within
    /// is kept in the journal by item.
    ///
    /// - Parameter atOnce: how many run at once, at least 1.
    /// - Throws: what the first of them throws that fails, once all that run have ended.
    public func parallel<Item: Sendable, Output: Sendable>(
        _ name: String,
        _ items: [Item],
        atOnce: Int = 16,
        _ body: @escaping @Sendable (StepContext<State>, Item) async throws -> Output
    ) async throws -> [Output] {
        let name = services.name(scope + name)
        var outcomes: [Int: Result<Output, any Error>] = [:]
        await withTaskGroup(of: (Int, Result<Output, any Error>).self) { group in
            for (index, item) in items.enumerated() {
                if index >= max(1, atOnce), let ended = await group.next() { outcomes[ended.0] = ended.1 }
                group.addTask { [services] in
                    let context = StepContext(services, scope: "\(name)[\(index)]/")
                    do { return (index, .success(try await body(context, item))) } catch {
                        return (index, .failure(error))
                    }
                }
            }
            for await (index, outcome) in group { outcomes[index] = outcome }
        }
        let failures = items.indices.compactMap { index -> (any Error)? in
            if case .failure(let error) = outcomes[index] { error } else { nil }
        }
        if let error = failures.first(where: { !($0 is StepSuspended) }) ?? failures.first { throw error }
        return try items.indices.map { index in
            guard let outcome = outcomes[index] else { throw CancellationError() }
            return try outcome.get()
        }
    }

    /// The key of an effect.
    func key(_ name: String) -> EffectKey {
        EffectKey(text: "\(flow)/\(services.step.name)/\(services.step.round)/\(name)")
    }
}

extension StepServices {
    /// Keeps an effect in the journal, together with events.
    func keep(_ effect: EffectRecord, events: [JSON] = []) async throws {
        let kept = try await change { draft in
            var effect = effect
            for event in events { draft.emit(event) }
            if effect.isDone { effect.doneSeq = draft.flow.seq + 1 }
            draft.save(effect)
            draft.emit([
                "type": "CUSTOM", "name": JSON("signalbox.effect.\(effect.isDone ? "done" : "begun")"),
                "value": [
                    "step": JSON(effect.step.name), "name": JSON(effect.name), "kind": JSON(effect.kind.rawValue),
                ],
            ])
            return effect
        }
        learn(kept)
    }
}
