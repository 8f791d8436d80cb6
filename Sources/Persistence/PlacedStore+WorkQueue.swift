public import Domain

extension PlacedStore: WorkQueue {
    /// Takes up to `limit` flows that nobody alive works on, in equal parts from all databases; what one has not to give, the
    /// others may. One that is away keeps nobody from the work of the others.
    /// - Throws: ``StoreError`` when none answers.
    public func claim(owner: Int64, limit: Int) async throws -> [(tenant: TenantID, flow: FlowID)] {
        if databases.count == 1 { return try await databases[0].store.claim(owner: owner, limit: limit) }
        // In another order each time: where the limit is smaller than their number, each has its turn.
        let order = present.shuffled()
        guard !order.isEmpty, limit > 0 else { return [] }
        let share = max(1, limit / order.count)
        let first = try await claim(owner: owner, limit: share, from: Array(order.prefix(limit)))
        var work = first.flatMap(\.work)
        for (place, given) in first where given.count == share && work.count < limit {
            // It has answered just now; that it does not any more concerns nobody who has work already.
            let more = try? await claim(owner: owner, limit: limit - work.count, from: [place])
            work += more?.flatMap(\.work) ?? []
        }
        return work
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

    private func claim(owner: Int64, limit: Int, from places: [Int]) async throws
        -> [(place: Int, work: [(tenant: TenantID, flow: FlowID)])]
    {
        typealias Answer = Result<(place: Int, work: [(tenant: TenantID, flow: FlowID)]), any Error>
        let answers = await withTaskGroup(of: Answer.self) { group in
            for place in places {
                group.addTask {
                    do {
                        let claimed = try await self.databases[place].store.claim(owner: owner, limit: limit)
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
    private func keep(_ claimed: [(tenant: TenantID, flow: FlowID)], from place: Int, owner: Int64) async
        -> [(tenant: TenantID, flow: FlowID)]
    {
        var kept: [(tenant: TenantID, flow: FlowID)] = []
        for (tenant, flow) in claimed {
            let found = try? await find(tenant)
            if found?.place == place {
                kept.append((tenant, flow))
            } else {
                // If this fails, too, the mark lasts until this process ends.
                try? await databases[place].store.giveBack(flow, of: tenant, owner: owner)
            }
        }
        return kept
    }
}
