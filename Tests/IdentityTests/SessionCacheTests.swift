import Domain
import Testing

@testable import Identity

struct SessionCacheTests {
    private let cache = SessionCache(lifetime: 30, capacity: 100)
    private let start = Timestamp(microseconds: 1_800_000_000_000_000)
    private let key = SessionKey(tenant: .generate(), session: .generate())

    private func live(until end: Int64 = 1000) -> SessionStanding {
        let principal = Principal(
            tenant: Tenant(id: key.tenant, name: "t"),
            subject: "s",
            displayName: "s",
            roles: [.viewer],
            session: key.session,
            expiresAt: start.adding(seconds: end)
        )
        return .live(LiveSession(user: .generate(), cookieHash: [1], principal: principal))
    }

    @Test func aLiveSessionIsBelievedForAWhile() {
        let standing = live()
        #expect(cache.standing(of: key, now: start) == nil)
        cache.keep(standing, of: key, ticket: cache.ticket, now: start)
        #expect(cache.standing(of: key, now: start) == standing)
        #expect(cache.standing(of: key, now: start.adding(seconds: 29)) == standing)
        #expect(cache.standing(of: key, now: start.adding(seconds: 30)) == nil)
        #expect(cache.standing(of: key, now: start.adding(seconds: -1)) == nil, "the clock was set back")
    }

    @Test func aSessionEndsByItself() {
        cache.keep(live(until: 10), of: key, ticket: cache.ticket, now: start)
        #expect(cache.standing(of: key, now: start.adding(seconds: 9)) != .ended)
        #expect(cache.standing(of: key, now: start.adding(seconds: 10)) == .ended)
    }

    @Test func aRevokedSessionIsRefusedAtOnceAndForGood() {
        cache.keep(live(), of: key, ticket: cache.ticket, now: start)
        cache.revoke(key)
        #expect(cache.standing(of: key, now: start) == .ended)
        #expect(cache.standing(of: key, now: start.adding(seconds: 100_000)) == .ended)
    }

    @Test func aLookUpThatWasOvertakenDoesNotReviveASession() {
        let ticket = cache.ticket
        cache.revoke(key)
        cache.keep(live(), of: key, ticket: ticket, now: start)
        #expect(cache.standing(of: key, now: start) == .ended)
    }

    @Test func nothingLiveIsBelievedAfterALostConnection() {
        let dead = SessionKey(tenant: key.tenant, session: .generate())
        let ticket = cache.ticket
        cache.keep(live(), of: key, ticket: ticket, now: start)
        cache.revoke(dead)
        cache.forgetLive()
        #expect(cache.standing(of: key, now: start) == nil)
        #expect(cache.standing(of: dead, now: start) == .ended)
        cache.keep(live(), of: key, ticket: ticket, now: start)
        #expect(cache.standing(of: key, now: start) == nil, "that look-up began before the loss")
    }

    @Test func tenantsDoNotShareSessionIDs() {
        cache.keep(live(), of: key, ticket: cache.ticket, now: start)
        let other = SessionKey(tenant: .generate(), session: key.session)
        #expect(cache.standing(of: other, now: start) == nil)
        cache.revoke(other)
        #expect(cache.standing(of: key, now: start) != .ended)
    }

    @Test func itsSizeIsBounded() {
        for _ in 0..<1000 { cache.revoke(SessionKey(tenant: key.tenant, session: .generate())) }
        #expect(cache.count <= 100)
    }

    @Test func aLifetimeOfZeroBelievesNothing() {
        let strict = SessionCache(lifetime: 0, capacity: 10)
        strict.keep(live(), of: key, ticket: strict.ticket, now: start)
        #expect(strict.standing(of: key, now: start) == nil)
    }
}
