public import JSON

/// An event that a flow defines for itself: in the flow's log it is AG-UI's `CUSTOM` with this name and the value as JSON.
///
/// The name must not begin with `signalbox.`, which is ours, and should begin with what the flow is called.
public protocol CustomEvent: DomainEvent, Codable {
    /// The name in the log: `discovery.data_validation_started`.
    static var name: String { get }
}

extension CustomEvent {
    /// `custom.` and the name.
    public static var kind: EventKind { EventKind(rawValue: EventKind.customPrefix + name) }

    /// Reads the event.
    public init?(_ record: EventRecord) {
        guard EventKind.of(record.entry) == Self.kind, let value = record.value,
            let event = try? value.decode(Self.self)
        else { return nil }
        self = event
    }

    /// The name and the value.
    public var data: JSONObject { ["name": JSON(Self.name), "value": (try? JSON(encoding: self)) ?? .null] }

    /// The event as the log has it.
    /// - Throws: what the value's encoding throws.
    public func logged() throws -> JSON {
        ["type": "CUSTOM", "name": JSON(Self.name), "value": try JSON(encoding: self)]
    }
}
