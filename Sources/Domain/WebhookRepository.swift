public import JSON

/// A tenant's webhooks, and what is on its way to them. Deliveries of events are stored by the commit of the events:
/// ``FlowRepository/commit(_:as:)``.
public protocol WebhookRepository: Sendable {
    /// Stores a new webhook, unless there are `limit` already. False then.
    func insert(_ webhook: Webhook, limit: Int) async throws -> Bool
    /// The webhook, or nil; with `locked` its row is locked until the end of the transaction.
    func find(_ id: WebhookID, locked: Bool) async throws -> Webhook?
    /// Newest first.
    func list(limit: Int, cursor: String?) async throws -> Page<Webhook>?
    /// Overwrites what can change of a webhook.
    func update(_ webhook: Webhook) async throws
    /// Removes a webhook and what is on its way to it. False when there is none.
    func remove(_ id: WebhookID) async throws -> Bool

    /// Newest first.
    func deliveries(of webhook: WebhookID, status: DeliveryStatus?, limit: Int, cursor: String?) async throws
        -> Page<WebhookDelivery>?
    /// The delivery, or nil.
    func delivery(_ id: DeliveryID, of webhook: WebhookID) async throws -> WebhookDelivery?
    /// Adds a delivery that no event asked for.
    func enqueue(_ id: DeliveryID, of webhook: WebhookID, kind: String, event: JSON, at time: Timestamp) async throws
    /// Has a delivery tried again from the beginning, unless it is being tried. False when it is, or there is none.
    func replay(_ id: DeliveryID, of webhook: WebhookID) async throws -> Bool
    /// Has up to `limit` deliveries that were given up tried again.
    /// - Returns: how many.
    func replayDead(of webhook: WebhookID, limit: Int) async throws -> Int

    /// What a claimed delivery tells of; nil when the claim does not count any more.
    func content(_ claim: DeliveryClaim) async throws -> DeliveryContent?
    /// Keeps how a claimed delivery went. False when the claim does not count any more: nothing is kept then.
    /// - Parameter next: when it is tried next, where it is.
    func settle(_ claim: DeliveryClaim, as status: DeliveryStatus, after attempt: DeliveryAttempt, next: Timestamp?)
        async throws -> Bool
}

/// The deliveries of all tenants that are due: ids only.
public protocol DeliveryQueue: Sendable {
    /// Takes up to `limit` deliveries that are due and nobody tries, from all webhooks in turns.
    ///
    /// - Parameters:
    ///   - each: how many of one webhook may be on their way at once, on all nodes together.
    ///   - seconds: how long nobody else takes them.
    func claimDeliveries(limit: Int, each: Int, lease seconds: Int) async throws -> [DeliveryClaim]
}
