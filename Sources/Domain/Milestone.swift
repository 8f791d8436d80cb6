public import JSON

/// An event that begins or ends something of a flow: a run, a step, a prompt. So few that a reader who goes through its past
/// can have them all.
public struct Milestone: Sendable, Equatable {
    /// The position of the event.
    public let seq: Int64
    /// What began or ended: `step.started`, `run.finished`, `prompt.opened` …
    public let kind: String
    /// The step that it is about, where it is about one.
    public let step: String?
    /// What a person reads of it: a prompt's title, an error's message, how a run ended.
    public let title: String?
    /// When.
    public let at: Timestamp

    /// Creates the value.
    public init(seq: Int64, kind: String, step: String?, title: String?, at: Timestamp) {
        self.seq = seq
        self.kind = kind
        self.step = step
        self.title = title
        self.at = at
    }

    /// What an event begins or ends; nil for one that does neither.
    public init?(seq: Int64, event: JSON, at: Timestamp) {
        guard let kind = Self.kind(of: event) else { return nil }
        let value = event["value"]
        self.init(
            seq: seq,
            kind: kind,
            step: event["stepName"]?.string ?? value?["step"]?.string,
            title: event["message"]?.string ?? event["outcome"]?["type"]?.string ?? value?["title"]?.string,
            at: at
        )
    }

    private static let prefix = "signalbox."

    private static func kind(of event: JSON) -> String? {
        switch event["type"]?.string {
        case "STEP_STARTED": return "step.started"
        case "STEP_FINISHED": return "step.ended"
        case "RUN_STARTED": return "run.started"
        case "RUN_FINISHED": return "run.finished"
        case "RUN_ERROR": return "run.failed"
        case "CUSTOM":
            // What a step does within its body is many things.
            guard let name = event["name"]?.string, name.hasPrefix(prefix), name != "signalbox.updated",
                !name.hasPrefix("signalbox.effect.")
            else { return nil }
            return String(name.dropFirst(prefix.count))
        default: return nil
        }
    }

    /// The milestone as clients see it.
    public var json: JSON {
        var object: JSONObject = ["seq": JSON(Int(seq)), "kind": JSON(kind), "at": JSON(at.rfc3339)]
        if let step { object["step"] = JSON(step) }
        if let title { object["title"] = JSON(title) }
        return .object(object)
    }
}
