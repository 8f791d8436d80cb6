import Domain
import Identity
import JSON
import Testing

extension DatabaseTests {
    @Suite struct SessionsRefreshTests {
        @Test func aRefreshRotates() async throws {
            let world = try await World()
            let first = try await world.login()
            let second = try await world.refresh(first)
            #expect(second.session == first.session)
            #expect(second.browser == nil)
            #expect(second.refreshToken.reveal() != first.refreshToken.reveal())
            #expect(second.accessToken.reveal() != first.accessToken.reveal())
            #expect(second.user == first.user)
            let third = try await world.refresh(second)
            #expect(try await world.principal(third).session == first.session)
            #expect(try await world.principal(first).session == first.session, "an access token lives on")
        }

        @Test func aSpentTokenEndsTheSession() async throws {
            let world = try await World()
            let first = try await world.login()
            let second = try await world.refresh(first)
            _ = try await world.principal(second)
            await #expect(throws: AuthError.invalidRefreshToken) { try await world.refresh(first) }
            await #expect(throws: AuthError.invalidRefreshToken) { try await world.refresh(second) }
            await #expect(throws: AuthError.sessionEnded) { try await world.principal(second) }
            let cookie = try #require(first.browser).cookie.reveal()
            await #expect(throws: AuthError.sessionEnded) {
                try await world.sessions.principal(cookie: cookie, now: world.now)
            }
            let reused = try await world.audit("session.reuse_detected")
            #expect(reused.map(\.subject) == ["session:\(first.session)"])
            #expect(reused.first?.detail["generation"]?.string == "0")
            let revoked = try await world.audit("session.revoked")
            #expect(revoked.map { $0.detail["reason"]?.string } == ["refresh_token_reuse"])
        }

        @Test func oneTokenIsNotSpentTwiceAtOnce() async throws {
            let world = try await World()
            let first = try await world.login()
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 { group.addTask { (try? await world.refresh(first)) != nil } }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(outcomes == 1)
            let session = try await world.transaction { try await $0.identity.session(first.session) }
            #expect(session?.revokedAt != nil, "the others were reuse")
        }

        @Test func aMadeUpTokenEndsNothing() async throws {
            let world = try await World()
            let first = try await world.login()
            let second = try await world.refresh(first)
            var parts = first.refreshToken.reveal().split(separator: ".").map(String.init)
            parts[3] = String(repeating: "A", count: 43)
            await #expect(throws: AuthError.invalidRefreshToken) {
                try await world.refresh(parts.joined(separator: "."))
            }
            await #expect(throws: AuthError.invalidRefreshToken) { try await world.refresh("") }
            #expect(try await world.audit("session.reuse_detected").isEmpty)
            _ = try await world.refresh(second)
        }

        @Test func anEndedSessionIsNotRefreshed() async throws {
            let world = try await World()
            let signIn = try await world.login()
            let principal = try await world.principal(signIn)
            try await world.sessions.logout(principal, from: world.origin, now: world.now)
            await #expect(throws: AuthError.invalidRefreshToken) { try await world.refresh(signIn) }
            #expect(try await world.audit("session.reuse_detected").isEmpty)
        }

        @Test func aRefreshDoesNotMoveTheSessionsEnd() async throws {
            let world = try await World()
            let first = try await world.login()
            let late = try await world.refresh(first, at: 43_200 - 60)
            #expect(late.expiresIn == 60, "the access token does not outlive the session")
            await #expect(throws: AuthError.invalidRefreshToken) { try await world.refresh(late, at: 43_200) }
            await #expect(throws: AuthError.sessionEnded) { try await world.principal(late, at: 43_200) }
        }

        @Test func aDisabledUserIsNotRefreshed() async throws {
            let world = try await World()
            let signIn = try await world.login()
            try await world.change(isDisabled: true)
            await #expect(throws: AuthError.invalidRefreshToken) { try await world.refresh(signIn) }
        }

        @Test func changedRolesArriveWithARefresh() async throws {
            let world = try await World()
            let first = try await world.login()
            try await world.change(roles: [.viewer])
            let second = try await world.refresh(first)
            #expect(second.user.roles == [.viewer])
            #expect(try await world.principal(second).roles == [.viewer])
        }
    }
}
