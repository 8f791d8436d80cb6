import Domain
import Identity
import Testing

extension DatabaseTests {
    @Suite struct SessionsPrincipalTests {
        @Test func tokenErrorsComeThrough() async throws {
            let world = try await World()
            let signIn = try await world.login()
            await #expect(throws: AuthError.invalidToken(.expired)) { try await world.principal(signIn, at: 1000) }
            await #expect(throws: AuthError.invalidToken(.malformed)) {
                try await world.sessions.principal(bearer: "x", now: world.now)
            }
            #expect(AuthError.invalidToken(.expired).code == "token_expired")
            #expect(AuthError.invalidToken(.badSignature).code == "invalid_token")
        }

        @Test func anotherSecretUnderTheSameSessionIsRefused() async throws {
            let world = try await World()
            let first = try #require(try await world.login().browser).cookie.reveal()
            let second = try #require(try await world.login().browser).cookie.reveal()
            var parts = first.split(separator: ".")
            parts[2] = second.split(separator: ".")[2]
            let mixed = parts.joined(separator: ".")
            for _ in 0..<2 {
                await #expect(throws: AuthError.sessionEnded) { try await world.principal(cookie: mixed) }
                _ = try await world.principal(cookie: first)
            }
        }

        @Test func anotherTenantsNameInTheCookieIsRefused() async throws {
            let world = try await World()
            let cookie = try #require(try await world.login().browser).cookie.reveal()
            _ = try await world.principal(cookie: cookie)
            for tenant in [world.other.id, .generate()] {
                let moved = "\(tenant).\(cookie.split(separator: ".").dropFirst().joined(separator: "."))"
                await #expect(throws: AuthError.sessionEnded) { try await world.principal(cookie: moved) }
            }
        }

        @Test func aSessionThatNeverExistedIsRefused() async throws {
            let world = try await World()
            let token = try await world.tokens.mint(
                subject: world.user.id.text,
                tenant: world.tenant,
                roles: [.admin],
                session: .generate(),
                now: world.now
            )
            await #expect(throws: AuthError.sessionEnded) {
                try await world.sessions.principal(bearer: token.reveal(), now: world.now)
            }
        }

        @Test func aSessionIsItsUsersOnly() async throws {
            let world = try await World()
            let signIn = try await world.login()
            let token = try await world.tokens.mint(
                subject: UserID.generate().text,
                tenant: world.tenant,
                roles: [.admin],
                session: signIn.session,
                now: world.now
            )
            await #expect(throws: AuthError.sessionEnded) {
                try await world.sessions.principal(bearer: token.reveal(), now: world.now)
            }
        }

        @Test func whatAnotherProcessRevokedIsRefusedAtOnce() async throws {
            let world = try await World()
            let signIn = try await world.login()
            _ = try await world.principal(signIn)
            let wasRevoked = try await world.transaction { try await $0.identity.revoke(signIn.session, at: world.now) }
            #expect(wasRevoked)
            #expect(try await world.principal(signIn).session == signIn.session, "believed until told otherwise")
            world.sessions.receive(.sessionRevoked(tenant: world.tenant.id, session: signIn.session))
            await #expect(throws: AuthError.sessionEnded) { try await world.principal(signIn) }
        }

        @Test func aMissedRevocationIsFoundOutInTime() async throws {
            let world = try await World()
            let signIn = try await world.login()
            _ = try await world.principal(signIn)
            _ = try await world.transaction { try await $0.identity.revoke(signIn.session, at: world.now) }
            #expect(try await world.principal(signIn, at: 29).session == signIn.session)
            await #expect(throws: AuthError.sessionEnded) { try await world.principal(signIn, at: 30) }
        }

        @Test func afterALostConnectionTheDatabaseIsAsked() async throws {
            let world = try await World()
            let signIn = try await world.login()
            _ = try await world.principal(signIn)
            _ = try await world.transaction { try await $0.identity.revoke(signIn.session, at: world.now) }
            world.sessions.receive(.mayHaveMissed)
            await #expect(throws: AuthError.sessionEnded) { try await world.principal(signIn) }
        }

        @Test func aDisabledUserIsShutOutOnceTheStandingIsLookedUpAgain() async throws {
            let world = try await World()
            let signIn = try await world.login()
            _ = try await world.principal(signIn)
            try await world.change(isDisabled: true)
            await #expect(throws: AuthError.sessionEnded) { try await world.principal(signIn, at: 30) }
            try await world.change(isDisabled: false)
            #expect(try await world.principal(signIn, at: 31).session == signIn.session)
        }

        @Test func theCookieShowsChangedRolesSoon() async throws {
            let world = try await World()
            let cookie = try #require(try await world.login().browser).cookie.reveal()
            #expect(try await world.principal(cookie: cookie).roles == [.reviewer])
            try await world.change(roles: [.viewer])
            #expect(try await world.principal(cookie: cookie, at: 30).roles == [.viewer])
        }
    }
}
