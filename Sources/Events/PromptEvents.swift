public import Domain
public import JSON

/// People are asked.
public struct PromptOpened: PromptEvent, Equatable {
    /// `prompt.opened`.
    public static let kind = EventKind(rawValue: "prompt.opened")
    /// The prompt.
    public let id: PromptID
    /// The prompt as every client sees it.
    public let prompt: JSON

    /// Creates the value.
    public init(id: PromptID, prompt: JSON) {
        self.id = id
        self.prompt = prompt
    }
}

/// Somebody has taken a prompt in hand, or renewed that.
public struct PromptClaimed: PromptEvent, Equatable {
    /// `prompt.claimed`.
    public static let kind = EventKind(rawValue: "prompt.claimed")
    /// The prompt.
    public let id: PromptID
    /// The prompt as every client sees it.
    public let prompt: JSON

    /// Creates the value.
    public init(id: PromptID, prompt: JSON) {
        self.id = id
        self.prompt = prompt
    }
}

/// Somebody has given a prompt back.
public struct PromptReleased: PromptEvent, Equatable {
    /// `prompt.released`.
    public static let kind = EventKind(rawValue: "prompt.released")
    /// The prompt.
    public let id: PromptID
    /// The prompt as every client sees it.
    public let prompt: JSON

    /// Creates the value.
    public init(id: PromptID, prompt: JSON) {
        self.id = id
        self.prompt = prompt
    }
}

/// A prompt has its one answer.
public struct PromptDecided: PromptEvent, Equatable {
    /// `prompt.decided`.
    public static let kind = EventKind(rawValue: "prompt.decided")
    /// The prompt.
    public let id: PromptID
    /// The prompt as every client sees it.
    public let prompt: JSON

    /// Creates the value.
    public init(id: PromptID, prompt: JSON) {
        self.id = id
        self.prompt = prompt
    }
}

/// Something has happened to a prompt.
public protocol PromptEvent: DomainEvent {
    /// The prompt.
    var id: PromptID { get }
    /// The prompt as every client sees it.
    var prompt: JSON { get }

    /// Creates the value.
    init(id: PromptID, prompt: JSON)
}

extension PromptEvent {
    /// Reads the event.
    public init?(_ record: EventRecord) {
        guard EventKind.of(record.entry) == Self.kind, let prompt = record.value,
            let id = prompt["id"]?.string.flatMap({ PromptID($0) })
        else { return nil }
        self.init(id: id, prompt: prompt)
    }

    /// The prompt.
    public var data: JSONObject { ["prompt": prompt] }
}
