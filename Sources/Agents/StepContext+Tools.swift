public import Flows
public import JSON

extension StepContext {
    /// Has an agent call a tool, once: what it came to is in the journal, and the tool is not called again when the body is run
    /// again.
    ///
    /// Arguments are checked by the tool's schema. Where the stricter of the tool's and the agent's policy says so, people decide
    /// first, for as long as it takes, without holding a thread or a connection; what they approve or edit is what is executed.
    /// Watchers get AG-UI's events of the call.
    /// - Throws: ``ToolError`` for a call that may not be made, or failed for good; ``ToolRefused`` when people said no;
    ///   ``ToolFailed`` for an error that may pass, after which the step is tried again by its policy.
    @discardableResult
    public func call<T: Tool>(
        _ tool: T,
        _ arguments: T.Arguments,
        as agent: any Agent.Type
    ) async throws -> T.Output {
        try await PlannedCall(nested(T.name), tool, try JSON(encoding: arguments), by: agent).run()
    }

    /// As ``call(_:_:as:)``, by name and with arguments as JSON: for models that choose tools.
    ///
    /// - Parameter tools: the tools that the step has at hand.
    /// - Throws: ``ToolError/unknown(tool:agent:known:)`` if none of them that the agent declares has the name.
    public func call(
        named name: String,
        arguments: JSON,
        as agent: any Agent.Type,
        using tools: [any Tool]
    ) async throws -> JSON {
        let known = tools.filter { agent.declares(type(of: $0)) }
        guard let tool = known.first(where: { type(of: $0).name == name }) else {
            let error = ToolError.unknown(
                tool: String(name.prefix(64)),
                agent: agent.name,
                known: known.map { type(of: $0).name }
            )
            try await refuse(nested("unknown_tool"), error, tool: name, arguments)
        }
        return try await call(tool, json: arguments, as: agent)
    }

    private func call<T: Tool>(_ tool: T, json arguments: JSON, as agent: any Agent.Type) async throws -> JSON {
        try JSON(encoding: try await PlannedCall(nested(T.name), tool, arguments, by: agent).run())
    }

    private func refuse(
        _ context: StepContext<State>,
        _ error: ToolError,
        tool: String,
        _ arguments: JSON
    ) async throws -> Never {
        if try context.recorded("result") == nil {
            let events = ToolEvents(id: context.key.text, tool: String(tool.prefix(64)))
            try await context.record(
                "result",
                .null,
                events: events.begin(arguments.shownArguments) + [events.failure(error.code, error.description)]
            )
        }
        context.claimAll()
        throw error
    }
}

extension Agent {
    static func declares(_ tool: any Tool.Type) -> Bool {
        tools.contains { ObjectIdentifier($0) == ObjectIdentifier(tool) }
    }
}

extension JSON {
    /// The arguments as watchers see them: those that are too large for a call are not shown either.
    var shownArguments: JSON {
        serializedSize(upTo: ToolContract.maximumArguments) <= ToolContract.maximumArguments ? self : [:]
    }
}
