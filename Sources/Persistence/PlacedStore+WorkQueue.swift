public import Domain

extension PlacedStore: WorkQueue {
    /// Takes up to `limit` flows that nobody alive works on, in equal parts from all databases; what one has not to give, the
    /// others may. One that is away keeps nobody from the work of the others.
    /// - Throws: ``StoreError`` when none answers.
    public func claim(owner: Int64, limit: Int, patience: Int, held: [Int64]?) async throws -> ClaimedWork {
        if databases.count == 1 {
            return try await databases[0].store.claim(owner: owner, limit: limit, patience: patience, held: held)
        }
        // In another order each time: where the limit is smaller than their number, each has its turn.
        let order = present.shuffled()
        guard !order.isEmpty else { return ClaimedWork(leases: [], next: nil) }
        let shares = order.indices.map { $0 < limit ? max(1, limit / order.count) : 0 }
        let first = try await claim(zip(order, shares).map { ($0, $1) }, owner, patience, held)
        var leases = first.flatMap(\.work.leases)
        for (place, given) in first where given.leases.count > 0 && leases.count < limit {
            // It has answered just now; that it does not any more concerns nobody who has work already.
            let more = try? await claim([(place, limit - leases.count)], owner, patience, nil)
            leases += more?.flatMap(\.work.leases) ?? []
        }
        return ClaimedWork(
            leases: leases,
            again: first.flatMap(\.work.again),
            next: first.compactMap(\.work.next).min()
        )
    }

    /// Gives back everything that is marked as `owner`'s, in all databases that are there.
    /// - Throws: the first failure, after all have been asked.
    public func release(owner: Int64) async throws {
        if databases.count == 1 { return try await databases[0].store.release(owner: owner) }
        let stores = present.map { databases[$0].store }
        let failures = await withTaskGroup(of: (any Error)?.self) { group in
            for store in stores {
                group.addTask {
                    do { try await store.release(owner: owner) } catch { return error }
                    return nil
                }
            }
            return await group.reduce(into: [any Error]()) { failures, failure in
                if let failure { failures.append(failure) }
            }
        }
        if let failure = failures.first { throw failure }
    }

    private func claim(_ shares: [(place: Int, limit: Int)], _ owner: Int64, _ patience: Int, _ held: [Int64]?)
        async throws
        -> [(place: Int, work: ClaimedWork)]
    {
        typealias Answer = Result<(place: Int, work: ClaimedWork), any Error>
        let answers = await withTaskGroup(of: Answer.self) { group in
            for (place, limit) in shares {
                group.addTask {
                    do {
                        let claimed = try await self.databases[place].store.claim(
                            owner: owner,
                            limit: limit,
                            patience: patience,
                            held: held
                        )
                        return .success((place, await self.keep(claimed, from: place, owner: owner)))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        let given = answers.compactMap { try? $0.get() }
        if given.isEmpty, case .failure(let error) = answers.first { throw error }
        return given
    }

    /// What was claimed of tenants that live in this database; the rest is given back.
    private func keep(_ claimed: ClaimedWork, from place: Int, owner: Int64) async -> ClaimedWork {
        var kept: [Lease] = []
        for lease in claimed.leases {
            let found = try? await find(lease.tenant)
            if found?.place == place {
                kept.append(lease)
            } else {
                // If this fails, too, the mark lasts until this process ends, or asks for leases that it does not know of.
                try? await databases[place].store.giveBack(lease.flow, of: lease.tenant, owner: owner)
            }
        }
        return ClaimedWork(leases: kept, again: claimed.again, next: claimed.next)
    }
}
