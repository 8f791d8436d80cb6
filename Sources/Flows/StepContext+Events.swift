import Domain
public import JSON

// Messages, tool calls, reasoning and activity for those who watch (AG-UI 1.0). What is emitted under a name is emitted once:
// it is kept in the journal like any other effect, in the commit of the events.

extension StepContext {
    /// Emits AG-UI events that stand by themselves, all in one commit.
    /// - Throws: ``StepError/invalidEvent(step:reason:)`` for what is no AG-UI event, and for those of runs, steps and state,
    ///   which are the engine's.
    public func emit(_ name: String, _ events: [JSON]) async throws {
        let name = services.name(scope + name)
        if try services.known(name, as: .emit) != nil { return }
        for event in events { try services.check(event: event) }
        try await services.keep(
            EffectRecord(step: services.step, name: name, kind: .emit, isDone: true),
            events: events
        )
    }

    /// Says something: a whole text message.
    public func say(_ text: String, _ name: String = "say") async throws {
        let id = key(name + "/\(services.uses(of: scope + name) + 1)").text
        try await emit(
            name,
            [
                ["type": "TEXT_MESSAGE_START", "messageId": JSON(id), "role": "assistant"],
                ["type": "TEXT_MESSAGE_CONTENT", "messageId": JSON(id), "delta": JSON(text)],
                ["type": "TEXT_MESSAGE_END", "messageId": JSON(id)],
            ]
        )
    }

    /// Tells what it is thinking.
    public func think(_ text: String, _ name: String = "think") async throws {
        let id = key(name + "/\(services.uses(of: scope + name) + 1)").text
        try await emit(
            name,
            [
                ["type": "REASONING_START", "messageId": JSON(id)],
                ["type": "REASONING_MESSAGE_START", "messageId": JSON(id), "role": "reasoning"],
                ["type": "REASONING_MESSAGE_CONTENT", "messageId": JSON(id), "delta": JSON(text)],
                ["type": "REASONING_MESSAGE_END", "messageId": JSON(id)],
                ["type": "REASONING_END", "messageId": JSON(id)],
            ]
        )
    }

    /// Shows something that is neither text nor state: a plan, a list of what was found.
    /// - Parameter activity: AG-UI's `activityType`, which tells front ends how to draw it.
    public func show(_ activity: String, _ content: JSON, _ name: String = "show") async throws {
        let id = key(name + "/\(services.uses(of: scope + name) + 1)").text
        try await emit(
            name,
            [
                [
                    "type": "ACTIVITY_SNAPSHOT", "messageId": JSON(id), "activityType": JSON(activity),
                    "content": content,
                ]
            ]
        )
    }
}

extension StepServices {
    private static let engineOnly = ["RUN_", "STEP_", "STATE_", "MESSAGES_"]

    fileprivate func check(event: JSON) throws {
        do {
            _ = try AgentEvent(event)
        } catch let error as AgentEventError {
            throw StepError.invalidEvent(step: step.name, reason: "\(error.pointer) \(error.message)")
        }
        let type = event["type"]?.string ?? ""
        guard !Self.engineOnly.contains(where: type.hasPrefix) else {
            throw StepError.invalidEvent(step: step.name, reason: "\(type) is the engine's to emit")
        }
    }
}
