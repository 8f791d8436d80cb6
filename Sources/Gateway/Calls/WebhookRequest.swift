import Domain
import JSON

/// A webhook, or a change of one, as its owner sends it.
struct WebhookRequest: Sendable {
    private(set) var url: String?
    private(set) var description: String?
    private(set) var events: [String]?
    private(set) var isEnabled: Bool?

    /// Reads the form; what may be in it is decided where webhooks are made.
    /// - Throws: ``Problem`` `invalid_input` with everything that is wrong.
    init(_ request: JSON, isNew: Bool) throws(Problem) {
        guard case .object(let object) = request else {
            throw Problem(.invalidInput, faults: [.init(pointer: "", message: "The content must be an object")])
        }
        var reader = FaultReader(object: object)
        reader.checkMembers(["url", "description", "events", "enabled"])
        url = reader.text("url", isRequired: isNew)
        description = reader.text("description", isRequired: false)
        if object.value("events") != nil { events = reader.texts("events") }
        if object.value("enabled") != nil { isEnabled = reader.flag("enabled") }
        guard reader.faults.isEmpty else { throw Problem(.invalidInput, faults: reader.faults) }
    }

    func apply(to webhook: inout Webhook) {
        if let url { webhook.url = url }
        if let description { webhook.description = description }
        if let events { webhook.events = events }
        if let isEnabled { webhook.isEnabled = isEnabled }
    }
}
