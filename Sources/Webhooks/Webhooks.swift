// Webhooks: telling others, outside, what has happened.
//
// What it is for: who is told what, and bringing it to them, signed, again and again until they take it. Messages have the
// form of the Standard Webhooks specification, so that receivers check them with a library that exists. What is to be told
// is in the database already when this begins: it is stored by the commit that it tells of. It must never know a wire format
// of ours or SQL.

import Domain

/// Why a webhook, or something with one, was refused.
public enum WebhookError: Error, Equatable, Sendable {
    /// No such webhook or delivery in this tenant.
    case notFound
    /// What was asked for breaks a rule; names each place.
    case invalid([WebhookFault])
    /// The tenant has as many webhooks as it may have.
    case tooMany(limit: Int)
    /// The delivery is being tried at this moment.
    case onItsWay
}

/// One thing that is wrong with a webhook.
public struct WebhookFault: Sendable, Equatable {
    /// Which member it is.
    public let member: String
    /// What is wrong, as the end of a sentence that begins with the member.
    public let message: String

    /// Creates the value.
    public init(member: String, message: String) {
        self.member = member
        self.message = message
    }
}
