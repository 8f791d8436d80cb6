public import Domain
import Postgres

extension PostgresStore: DeliveryQueue {
    /// Takes deliveries that are due.
    /// - Throws: ``StoreError``.
    public func claimDeliveries(limit: Int, each: Int, lease seconds: Int) async throws -> [DeliveryClaim] {
        let rows = try await single(
            """
            SELECT tenant_id, webhook_id, id, attempt, leased_until
            FROM signalbox.claim_deliveries($1, $2, make_interval(secs => $3::integer))
            """,
            [.int(limit), .int(each), .int(seconds)]
        )
        return try rows.map { row in
            DeliveryClaim(
                tenant: try row.id("tenant_id"),
                webhook: try row.id("webhook_id"),
                delivery: try row.id("id"),
                attempt: try row.int("attempt"),
                until: try row.time("leased_until")
            )
        }
    }

    /// Removes deliveries that are no longer kept: see docs/WEBHOOKS.md.
    /// - Returns: how many.
    /// - Throws: ``StoreError``.
    func forgetDeliveries(portion: Int) async throws -> Int {
        let rows = try await single("SELECT signalbox.forget_deliveries($1) AS count", [.int(portion)])
        return try rows.first?.int("count") ?? 0
    }
}

extension PlacedStore: DeliveryQueue {
    /// Takes deliveries that are due, in equal parts from all databases that are there. One that does not answer keeps nobody
    /// from those of the others.
    ///
    /// What is claimed of a tenant that lives elsewhere by now is left where it is: nothing is found of it there.
    /// - Throws: ``StoreError`` when none answers.
    public func claimDeliveries(limit: Int, each: Int, lease seconds: Int) async throws -> [DeliveryClaim] {
        let order = present.shuffled()
        guard !order.isEmpty, limit > 0 else { return [] }
        let share = max(1, limit / order.count)
        var claims: [DeliveryClaim] = []
        var failure: (any Error)?
        var answers = 0
        for place in order where claims.count < limit {
            do {
                let store = databases[place].store
                claims += try await store.claimDeliveries(limit: share, each: each, lease: seconds)
                answers += 1
            } catch {
                failure = error
            }
        }
        if let failure, answers == 0 { throw failure }
        return claims
    }
}
