import Domain
import Identity
import JSON
import Testing

extension DatabaseTests {
    @Suite struct SessionsLoginTests {
        @Test func aPersonSignsIn() async throws {
            let world = try await World()
            let signIn = try await world.login()
            #expect(signIn.user.id == world.user.id)
            #expect(signIn.user.email == "ann@acme.test")
            #expect(signIn.user.roles == [.reviewer])
            #expect(signIn.tenant == world.tenant)
            #expect(signIn.expiresIn == 900)
            let browser = try #require(signIn.browser)
            #expect(browser.expiresAt == world.now.adding(seconds: 43_200))

            let byToken = try await world.sessions.principal(bearer: signIn.accessToken.reveal(), now: world.now)
            let byCookie = try await world.sessions.principal(cookie: browser.cookie.reveal(), now: world.now)
            #expect(byToken.subject == world.user.id.text)
            #expect(byToken.displayName == "ann@acme.test")
            #expect(byToken.expiresAt == world.now.adding(seconds: 900))
            #expect(byCookie.subject == byToken.subject)
            #expect(byCookie.tenant == world.tenant)
            #expect(byCookie.roles == [.reviewer])
            #expect(byCookie.session == signIn.session)
            #expect(byCookie.expiresAt == browser.expiresAt)
            #expect(Sessions.verifyCSRF(cookie: browser.cookie.reveal(), header: browser.csrfToken.reveal()))
        }

        @Test func theAddressIsNotCaseSensitive() async throws {
            let world = try await World()
            _ = try await world.login(email: "Ann@ACME.test")
        }

        @Test func nothingThatIsStoredIsASecret() async throws {
            let world = try await World()
            let signIn = try await world.login()
            let stored = try await world.transaction { try await $0.identity.session(signIn.session) }
            let session = try #require(stored)
            let secrets = [signIn.refreshToken.reveal(), try #require(signIn.browser).cookie.reveal()]
            for hash in [session.cookieHash, session.refreshHash] {
                #expect(hash.count == 32)
                for secret in secrets { #expect(!secret.contains(String(decoding: hash, as: UTF8.self))) }
            }
            #expect(session.cookieHash != session.refreshHash)
        }

        @Test func everyRefusalLooksTheSame() async throws {
            let world = try await World()
            let disabled = try await world.addUser(email: "gone@acme.test", isDisabled: true)
            await #expect(throws: AuthError.invalidCredentials) { try await world.login(tenant: "nobody") }
            await #expect(throws: AuthError.invalidCredentials) { try await world.login(email: "who@acme.test") }
            await #expect(throws: AuthError.invalidCredentials) { try await world.login(password: "wrong") }
            await #expect(throws: AuthError.invalidCredentials) { try await world.login(email: disabled.email) }
            await #expect(throws: AuthError.invalidCredentials) { try await world.login(tenant: world.other.name) }
            await #expect(throws: AuthError.invalidCredentials) { try await world.login(email: "ann@acme.test\0x") }
        }

        @Test func unusableFieldsAreNamed() async throws {
            let world = try await World()
            await #expect(throws: AuthError.invalidField(name: "tenant", allowedBytes: 1...128)) {
                try await world.login(tenant: "")
            }
            await #expect(throws: AuthError.invalidField(name: "email", allowedBytes: 3...254)) {
                try await world.login(email: String(repeating: "a", count: 255))
            }
            for password in ["", String(repeating: "p", count: 1025)] {
                await #expect(throws: AuthError.invalidField(name: "password", allowedBytes: 1...1024)) {
                    try await world.login(password: password)
                }
            }
        }

        @Test func theAuditLogTellsWhatHappened() async throws {
            let world = try await World()
            let signIn = try await world.login()
            _ = try? await world.login(password: "wrong")
            _ = try? await world.login(email: "ann.secret.password@acme.test")
            let created = try #require(try await world.audit("session.created").first)
            #expect(created.actor == world.user.id.text)
            #expect(created.subject == "session:\(signIn.session)")
            #expect(created.channel == "http")
            #expect(created.detail["address"]?.string == "192.0.2.1")
            let refused = try await world.audit("session.refused")
            #expect(refused.compactMap { $0.detail["reason"]?.string } == ["unknown_user", "wrong_password"])
            #expect(refused.map(\.subject) == ["tenant:\(world.tenant.id)", "user:\(world.user.id)"])
            #expect(refused.allSatisfy { $0.actor == "system:identity" })
            let texts = (refused + [created]).map { "\($0)" }
            #expect(!texts.contains { $0.contains("ann.secret.password") || $0.contains("wrong\"") })
        }

        @Test func guessingIsSlowedDown() async throws {
            let world = try await World()
            for _ in 0..<5 {
                await #expect(throws: AuthError.invalidCredentials) { try await world.login(password: "wrong") }
            }
            await #expect(throws: AuthError.tooManyAttempts(retryAfter: 1)) { try await world.login() }
            _ = try await world.login(now: world.now.adding(seconds: 1))
        }

        @Test func signingInDoesNotUseUpAttempts() async throws {
            let world = try await World()
            for _ in 0..<8 { _ = try await world.login() }
        }

        @Test func aSignInEndsItsSessionOnly() async throws {
            let world = try await World()
            let first = try await world.login()
            let second = try await world.login()
            #expect(first.session != second.session)
            let principal = try await world.sessions.principal(bearer: first.accessToken.reveal(), now: world.now)
            #expect(try await world.sessions.logout(principal, from: world.origin, now: world.now))
            #expect(try await !world.sessions.logout(principal, from: world.origin, now: world.now))
            await #expect(throws: AuthError.sessionEnded) { try await world.principal(first) }
            #expect(try await world.principal(second).session == second.session)
            let revoked = try await world.audit("session.revoked")
            #expect(revoked.map(\.subject) == ["session:\(first.session)"])
            #expect(revoked.first?.actor == world.user.id.text)
            #expect(revoked.first?.detail["reason"]?.string == "sign_out")
        }

        @Test func aScriptHasNoSessionToEnd() async throws {
            let world = try await World()
            let token = try await world.tokens.mint(
                subject: "script",
                tenant: world.tenant,
                roles: [.agent],
                session: nil,
                now: world.now
            )
            let principal = try await world.sessions.principal(bearer: token.reveal(), now: world.now)
            #expect(principal.session == nil)
            #expect(try await !world.sessions.logout(principal, from: world.origin, now: world.now))
        }
    }
}
