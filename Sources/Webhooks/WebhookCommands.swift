public import Domain
import JSON

/// What can be done with webhooks from outside: the commands behind the API.
public struct WebhookCommands: Sendable {
    private let store: any Store
    private let policy: ReceiverPolicy

    /// The most webhooks of a tenant.
    public static let maximumWebhooks = 20
    /// The longest description, in characters.
    public static let maximumDescription = 200
    /// How long messages are signed with a secret that was replaced, too, in seconds.
    public static let overlapSeconds: Int64 = 86_400
    /// The kind of a message that only tries whether messages arrive.
    public static let testKind = "webhook.test"

    private static let channel = "http"
    private static let portion = 1000

    /// Creates the commands of a process.
    public init(store: any Store, policy: ReceiverPolicy) {
        self.store = store
        self.policy = policy
    }

    /// Makes a webhook, with a secret of its own.
    /// - Parameter answer: makes the caller's answer, in the transaction that makes the webhook.
    /// - Throws: ``WebhookError/invalid(_:)``, ``WebhookError/tooMany(limit:)``, or what `answer` throws; there is none then.
    public func create<Answer: Sendable>(
        url: String,
        description: String,
        events: [String],
        isEnabled: Bool,
        by principal: Principal,
        at now: Timestamp,
        answering answer: @Sendable (any StoreTransaction, Webhook) async throws -> Answer
    ) async throws -> Answer {
        let webhook = Webhook(
            id: .generate(),
            url: url,
            description: description,
            events: events,
            isEnabled: isEnabled,
            secret: .generate(),
            createdBy: principal.subject,
            createdAt: now,
            updatedAt: now
        )
        try check(webhook)
        return try await store.transaction { transaction in
            guard try await transaction.webhooks.insert(webhook, limit: Self.maximumWebhooks) else {
                throw WebhookError.tooMany(limit: Self.maximumWebhooks)
            }
            try await audit("created", webhook, webhook.shown, principal, now, transaction)
            return try await answer(transaction, webhook)
        }
    }

    /// Changes a webhook. What is switched on again is no longer said to have been switched off.
    /// - Throws: ``WebhookError/notFound``, ``WebhookError/invalid(_:)``; nothing is changed then.
    public func change(
        _ id: WebhookID,
        by principal: Principal,
        at now: Timestamp,
        _ body: @escaping @Sendable (inout Webhook) -> Void
    ) async throws -> Webhook {
        try await update(id, "changed", by: principal, at: now) { webhook in
            body(&webhook)
            if webhook.isEnabled { webhook.disabledReason = nil }
        }
    }

    /// Gives a webhook a new secret. For ``overlapSeconds`` messages are signed with the one before, too.
    /// - Throws: ``WebhookError/notFound``.
    public func rotate(_ id: WebhookID, by principal: Principal, at now: Timestamp) async throws -> Webhook {
        try await update(id, "secret_rotated", by: principal, at: now) { webhook in
            webhook.formerSecret = Webhook.FormerSecret(
                secret: webhook.secret,
                until: now.adding(seconds: Self.overlapSeconds)
            )
            webhook.secret = .generate()
        }
    }

    /// Removes a webhook, and what is on its way to it.
    /// - Throws: ``WebhookError/notFound``.
    public func remove(_ id: WebhookID, by principal: Principal, at now: Timestamp) async throws {
        try await store.transaction { transaction in
            guard let webhook = try await transaction.webhooks.find(id, locked: true),
                try await transaction.webhooks.remove(id)
            else { throw WebhookError.notFound }
            try await audit("removed", webhook, webhook.shown, principal, now, transaction)
        }
    }

    /// Sends a message that says nothing, so that somebody sees whether messages arrive.
    /// - Throws: ``WebhookError/notFound``.
    public func test(_ id: WebhookID, by principal: Principal, at now: Timestamp) async throws -> WebhookDelivery {
        try await store.transaction { transaction in
            guard let webhook = try await transaction.webhooks.find(id, locked: false) else {
                throw WebhookError.notFound
            }
            let delivery = DeliveryID.generate()
            try await transaction.webhooks.enqueue(delivery, of: id, kind: Self.testKind, event: [:], at: now)
            try await audit("tested", webhook, ["delivery": JSON(delivery.text)], principal, now, transaction)
            guard let made = try await transaction.webhooks.delivery(delivery, of: id) else {
                throw WebhookError.notFound
            }
            return made
        }
    }

    /// Has a delivery tried again from the beginning, whatever came of it.
    /// - Throws: ``WebhookError/notFound``, ``WebhookError/onItsWay``.
    public func replay(_ delivery: DeliveryID, of id: WebhookID, by principal: Principal, at now: Timestamp)
        async throws
        -> WebhookDelivery
    {
        try await store.transaction { transaction in
            guard let webhook = try await transaction.webhooks.find(id, locked: false),
                try await transaction.webhooks.delivery(delivery, of: id) != nil
            else { throw WebhookError.notFound }
            guard try await transaction.webhooks.replay(delivery, of: id) else { throw WebhookError.onItsWay }
            try await audit("replayed", webhook, ["delivery": JSON(delivery.text)], principal, now, transaction)
            guard let again = try await transaction.webhooks.delivery(delivery, of: id) else {
                throw WebhookError.notFound
            }
            return again
        }
    }

    /// Has everything tried again that was given up.
    /// - Returns: how many deliveries.
    /// - Throws: ``WebhookError/notFound``.
    public func replayDead(of id: WebhookID, by principal: Principal, at now: Timestamp) async throws -> Int {
        var (count, portion) = (0, 0)
        // In parts, so that no lock is held for long. What fails again meanwhile takes longer than this.
        repeat {
            let isFirst = count == 0
            portion = try await store.transaction { transaction in
                guard let webhook = try await transaction.webhooks.find(id, locked: false) else {
                    throw WebhookError.notFound
                }
                let portion = try await transaction.webhooks.replayDead(of: id, limit: Self.portion)
                if isFirst { try await audit("dead_replayed", webhook, [:], principal, now, transaction) }
                return portion
            }
            count += portion
        } while portion == Self.portion
        return count
    }

    private func update(
        _ id: WebhookID,
        _ verb: String,
        by principal: Principal,
        at now: Timestamp,
        _ body: @escaping @Sendable (inout Webhook) -> Void
    ) async throws -> Webhook {
        try await store.transaction { transaction in
            guard var webhook = try await transaction.webhooks.find(id, locked: true) else {
                throw WebhookError.notFound
            }
            body(&webhook)
            webhook.updatedAt = now
            try check(webhook)
            try await transaction.webhooks.update(webhook)
            try await audit(verb, webhook, webhook.shown, principal, now, transaction)
            return webhook
        }
    }

    private func check(_ webhook: Webhook) throws(WebhookError) {
        var faults: [WebhookFault] = []
        if let fault = policy.fault(in: webhook.url) { faults.append(WebhookFault(member: "url", message: fault)) }
        if let fault = EventFilter.fault(in: webhook.events) {
            faults.append(WebhookFault(member: "events", message: fault))
        }
        if webhook.description.count > Self.maximumDescription || webhook.description.utf8.contains(0) {
            let message = "must have at most \(Self.maximumDescription) characters, none of them U+0000"
            faults.append(WebhookFault(member: "description", message: message))
        }
        guard faults.isEmpty else { throw .invalid(faults) }
    }

    private func audit(
        _ verb: String,
        _ webhook: Webhook,
        _ detail: JSON,
        _ principal: Principal,
        _ now: Timestamp,
        _ transaction: any StoreTransaction
    ) async throws {
        try await transaction.audit.append(
            AuditEntry(
                at: now,
                actor: principal.subject,
                channel: Self.channel,
                action: "webhook.\(verb)",
                subject: "webhook:\(webhook.id)",
                detail: detail
            )
        )
    }
}

extension Webhook {
    /// What the audit log keeps of it.
    fileprivate var shown: JSON {
        ["url": JSON(url), "events": .array(events.map { JSON($0) }), "enabled": .bool(isEnabled)]
    }
}
