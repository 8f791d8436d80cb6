// The wire forms of a flow: the resource (HTTP), the part of a stream document outside `/state`, the line in a list.

public import JSON

extension Flow {
    /// The flow as HTTP shows it.
    public func resource(steps: [StepRecord]) -> JSON {
        var object = members(steps: steps.shown)
        object["state"] = state
        object["seq"] = JSON(Int(seq))
        object["epoch"] = JSON(epoch)
        object["digest"] = JSON(state.digest)
        object["created_by"] = JSON(createdBy)
        object["updated_at"] = JSON(updatedAt.rfc3339)
        return .object(object)
    }

    /// The `flow` member of a stream document: no state, position or digest, which the stream carries itself, so that it
    /// changes only when something else does.
    public func streamMember(steps: [StepRecord]) -> JSON { streamMember(steps: steps.shown) }

    /// As ``streamMember(steps:)``, for who keeps what is shown of the steps.
    public func streamMember(steps: JSONObject) -> JSON { .object(members(steps: steps)) }

    /// The stream document outside `/state` before the first event, as far as that follows from what never changes of a flow;
    /// the first event's patch tells what was different. So the log tells all documents from its beginning.
    public var outsideBeforeEvents: JSON {
        var born = self
        born.status = type == Self.externalType ? .running : .pending
        born.phase = nil
        born.run = nil
        return ["flow": born.streamMember(steps: JSONObject()), "prompts": []]
    }

    /// The flow's line in the live list.
    public var summary: JSON {
        [
            "id": JSON(id.text),
            "type": JSON(type),
            "title": JSON(title),
            "status": JSON(status.rawValue),
            "phase": phase.map { JSON($0) } ?? .null,
            "open_prompts": JSON(openPrompts),
            "created_by": JSON(createdBy),
            "created_at": JSON(createdAt.rfc3339),
        ]
    }

    private func members(steps: JSONObject) -> JSONObject {
        var object: JSONObject = [
            "id": JSON(id.text),
            "type": JSON(type),
            "title": JSON(title),
            "status": JSON(status.rawValue),
            "phase": phase.map { JSON($0) } ?? .null,
            "metadata": metadata,
            "created_by": JSON(createdBy),
            "created_at": JSON(createdAt.rfc3339),
            "steps": .object(steps),
        ]
        if let graph { object["graph"] = graph }
        if graph != nil { object["version"] = JSON(version) }
        if let parent { object["parent"] = parent.json }
        if let run { object["run_id"] = JSON(run.text) }
        return object
    }
}

extension FlowParent {
    /// `{"flow_id", "seq"?}`: with `seq` for a fork.
    public var json: JSON {
        var object: JSONObject = ["flow_id": JSON(flow.text)]
        if let seq { object["seq"] = JSON(Int(seq)) }
        return .object(object)
    }
}

extension [StepRecord] {
    /// What is shown of a journal: the progress of each step by its name; of a step that the flow came back to, the last round.
    public var shown: JSONObject {
        var shown = JSONObject()
        for step in self { shown[step.name] = step.json }
        return shown
    }
}

extension StepRecord {
    /// The step's progress as clients see it. The result is not part of it: what people should see is in the state.
    public var json: JSON {
        var object: JSONObject = [
            "status": JSON(status.rawValue),
            "attempt": JSON(attempt),
            "started_at": JSON(startedAt.rfc3339),
        ]
        if key.round > 1 { object["round"] = JSON(key.round) }
        if let dueAt, !status.isFinal { object["due_at"] = JSON(dueAt.rfc3339) }
        if let finishedAt { object["finished_at"] = JSON(finishedAt.rfc3339) }
        if let error { object["error"] = JSON(error) }
        return .object(object)
    }
}
