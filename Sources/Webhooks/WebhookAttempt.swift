import Curl
import Domain
import JSON
import Logging
import Reactor

/// One attempt at a delivery: what is to be told is read, sent, and what came of it is kept.
struct WebhookAttempt: Sendable {
    let store: any Store
    let policy: ReceiverPolicy
    let authorities: String?
    let agent: String
    let timeout: Duration
    let schedule: RetrySchedule
    let counters: WebhookCounters
    let logger: Logger

    /// Who switches webhooks off, in the audit log.
    private static let actor = "system:webhooks"
    /// How often it is tried to keep what came of it.
    private static let notes = 5
    private static let pause = Duration.seconds(1)

    /// Makes the attempt, for the tenant of the context. What cannot be kept is tried again when the lease is over.
    func make(_ claim: DeliveryClaim, on worker: Worker) async {
        let found: (webhook: Webhook, content: DeliveryContent)?
        do {
            found = try await store.transaction(.snapshot) { transaction in
                guard let webhook = try await transaction.webhooks.find(claim.webhook, locked: false),
                    let content = try await transaction.webhooks.content(claim)
                else { return nil }
                return (webhook, content)
            }
        } catch {
            return logger.debug("The message \(claim.delivery) waits: \(error)")
        }
        guard let (webhook, content) = found else { return }
        let verdict = await send(content, to: webhook, claim, on: worker)
        // The task may be cancelled, and what came of it must be kept all the same.
        await worker.spawn {
            await TenantContext.with(claim.tenant) { await keep(verdict, of: claim, on: worker) }
        }.value
    }

    private func send(_ content: DeliveryContent, to webhook: Webhook, _ claim: DeliveryClaim, on worker: Worker) async
        -> DeliveryVerdict
    {
        let message = WebhookMessage(content, of: claim)
        let now = Timestamp.now()
        var request = CurlRequest(
            url: webhook.url,
            headers: message.headers(at: now, secrets: webhook.secrets(at: now)) + [("User-Agent", agent)],
            body: message.body,
            mayConnect: { [policy] in policy.admits($0) }
        )
        request.mayBePlain = policy.allowsPlainHTTP
        request.authorities = authorities
        request.timeout = timeout
        do throws(CurlError) {
            return DeliveryVerdict(try await worker.fetch(request), now: .now())
        } catch {
            return DeliveryVerdict(error)
        }
    }

    private func keep(_ verdict: DeliveryVerdict, of claim: DeliveryClaim, on worker: Worker) async {
        for note in 1...Self.notes {
            do {
                let event = try await store.transaction { try await settle(verdict, of: claim, $0, at: .now()) }
                guard let event else { return }
                counters.count(event)
                if event == .dead {
                    let (id, webhook) = (claim.delivery, claim.webhook)
                    logger.notice("Given up after \(claim.attempt) attempts: \(id) to webhook \(webhook)")
                }
                return
            } catch {
                logger.debug("What came of the message \(claim.delivery) is not kept yet: \(error)")
            }
            if note < Self.notes { await worker.sleep(for: Self.pause) }
        }
    }

    /// - Returns: what is to be counted; nil when the claim does not count any more.
    private func settle(
        _ verdict: DeliveryVerdict,
        of claim: DeliveryClaim,
        _ transaction: any StoreTransaction,
        at now: Timestamp
    ) async throws -> WebhookCounters.Event? {
        let webhooks = transaction.webhooks
        switch verdict {
        case .taken(let code):
            let attempt = DeliveryAttempt(at: now, statusCode: code, error: nil)
            return try await webhooks.settle(claim, as: .delivered, after: attempt, next: nil) ? .delivered : nil
        case .failed(let code, let reason, let after):
            var generator = SystemRandomNumberGenerator()
            let wait = schedule.wait(after: claim.attempt, asked: after, using: &generator)
            let next = wait.map { Timestamp(microseconds: now.microseconds + $0.microseconds) }
            let attempt = DeliveryAttempt(at: now, statusCode: code, error: reason)
            let status: DeliveryStatus = next == nil ? .dead : .pending
            guard try await webhooks.settle(claim, as: status, after: attempt, next: next) else { return nil }
            return next == nil ? .dead : .failed
        case .gone:
            let attempt = DeliveryAttempt(at: now, statusCode: 410, error: "the receiver answered 410")
            guard try await webhooks.settle(claim, as: .dead, after: attempt, next: nil) else { return nil }
            try await switchOff(claim.webhook, transaction, at: now)
            return .gone
        case .interrupted:
            let attempt = DeliveryAttempt(at: now, statusCode: nil, error: "the server was stopped")
            _ = try await webhooks.settle(claim, as: .pending, after: attempt, next: now)
            return nil
        }
    }

    private func switchOff(_ id: WebhookID, _ transaction: any StoreTransaction, at now: Timestamp) async throws {
        guard var webhook = try await transaction.webhooks.find(id, locked: true), webhook.isEnabled else { return }
        webhook.isEnabled = false
        webhook.disabledReason = "the receiver answered 410 Gone"
        webhook.updatedAt = now
        try await transaction.webhooks.update(webhook)
        try await transaction.audit.append(
            AuditEntry(
                at: now,
                actor: Self.actor,
                channel: "engine",
                action: "webhook.disabled",
                subject: "webhook:\(id)",
                detail: ["url": JSON(webhook.url), "reason": JSON(webhook.disabledReason ?? "")]
            )
        )
    }
}

extension Duration {
    fileprivate var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
