import Domain
import HTTPTypes
import Identity
import JSON
import TestSupport
import Testing

@testable import Gateway

/// Tokens, cookies and names of another tenant's people prove nothing in this one.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct ProofIsolationTests {
    /// A person of the other tenant who has signed in, and one of this tenant.
    private struct People {
        let world: World
        let user: User
        /// What sign-in answered.
        let theirs: HTTPAnswer
        let mine: HTTPAnswer

        /// The parts of the other's session cookie: tenant, session and secret.
        var cookie: [String] { value(of: theirs, "signalbox_session").split(separator: ".").map(String.init) }
        var session: SessionID { get throws { try SessionID(cookie[1]).orThrow("no session") } }

        func value(of answer: HTTPAnswer, _ cookie: String) -> String {
            let line = answer.values("Set-Cookie").first { $0.hasPrefix(cookie + "=") }
            return String(line?.dropFirst(cookie.count + 1).prefix { $0 != ";" } ?? "")
        }

        func me(_ cookie: String) async throws -> HTTPAnswer {
            try await world.node.call("GET", "/v1/me", [("Cookie", "signalbox_session=\(cookie)")])
        }

        /// Whether the other's session goes on as if nothing had happened.
        func isUntouched() async throws -> Bool {
            let answer = try await me(cookie.joined(separator: "."))
            let tenant = try answer.json()["tenant"]?["name"]
            return answer.status == 200 && tenant == "globex"
        }
    }

    private func run(_ body: (People) async throws -> Void) async throws {
        try await World.run { world in
            let user = User(
                id: .generate(),
                email: "only@globex.test",
                name: "Only There",
                roles: [.admin],
                passwordHash: try await World.hasher.hash(Secret(World.password))
            )
            _ = try await world.database.makeTenant("globex", users: [user])
            let theirs = try await login(world, "globex", user.email)
            let mine = try await world.login(.admin)
            #expect(theirs.status == 200 && mine.status == 200)
            let people = People(world: world, user: user, theirs: theirs, mine: mine)
            // The session has been seen: what the process remembers of it must not serve the other tenant either.
            #expect(try await people.isUntouched())
            try await body(people)
        }
    }

    private func login(_ world: World, _ tenant: String, _ email: String) async throws -> HTTPAnswer {
        let body: JSON = ["tenant": .string(tenant), "email": .string(email), "password": .string(World.password)]
        return try await world.node.call("POST", "/v1/auth/login", body: body.text)
    }

    @Test func aPersonOfAnotherTenantIsLikeNobody() async throws {
        try await run { people in
            let theirs = try await login(people.world, "acme", people.user.email)
            let nobody = try await login(people.world, "acme", "nobody@globex.test")
            let nowhere = try await login(people.world, "initech", people.user.email)
            #expect(theirs.status == 401 && theirs.fingerprint == nobody.fingerprint)
            #expect(theirs.fingerprint == nowhere.fingerprint)
        }
    }

    /// A session's name counts in its own tenant only, whoever seals the token around it.
    @Test func aSessionOfAnotherTenantIsLikeNone() async throws {
        try await run { people in
            let world = people.world
            func answer(_ session: SessionID, _ subject: String) async throws -> String {
                let token = try await world.node.tokens.mint(
                    subject: subject,
                    tenant: world.acme,
                    roles: [.admin],
                    session: session,
                    now: .now()
                )
                let me = try await world.node.call("GET", "/v1/me", as: token.reveal())
                let out = try await world.node.call("POST", "/v1/auth/logout", as: token.reveal())
                #expect(me.status == 401 && out.status == 401, "\(me) \(out)")
                return me.fingerprint + out.fingerprint
            }
            let subject = people.user.id.text
            let theirs = try await answer(try people.session, subject)
            #expect(theirs == (try await answer(.generate(), subject)))
            #expect(try await people.isUntouched())
        }
    }

    @Test func aCookieOfAnotherTenantIsLikeNone() async throws {
        try await run { people in
            let (acme, cookie) = (people.world.acme.id.text, people.cookie)
            let moved = try await people.me("\(acme).\(cookie[1]).\(cookie[2])")
            let none = try await people.me("\(acme).\(SessionID.generate()).\(cookie[2])")
            let nowhere = try await people.me("\(TenantID.generate()).\(cookie[1]).\(cookie[2])")
            #expect(moved.status == 401 && moved.code == "session_ended", "\(moved)")
            #expect(moved.fingerprint == none.fingerprint && moved.fingerprint == nowhere.fingerprint)
            #expect(try await people.isUntouched())
        }
    }

    @Test func theTokenOfAnothersPageIsLikeNone() async throws {
        try await run { people in
            let cookie = people.value(of: people.mine, "signalbox_session")
            func create(_ token: String) async throws -> HTTPAnswer {
                let fields = [("Cookie", "signalbox_session=\(cookie)"), ("X-CSRF-Token", token)]
                return try await people.world.node.call("POST", "/v1/flows", fields, body: #"{"type":"external"}"#)
            }
            let theirs = try await create(people.value(of: people.theirs, "signalbox_csrf"))
            let nonsense = try await create("nonsense")
            #expect(theirs.status == 403 && theirs.fingerprint == nonsense.fingerprint, "\(theirs)")
            #expect(try await create(people.value(of: people.mine, "signalbox_csrf")).status == 201)
        }
    }

    @Test func aRefreshTokenOfAnotherTenantIsLikeNone() async throws {
        try await run { people in
            let world = people.world
            let token = try (people.theirs.json()["refresh_token"]?.string).orThrow("no token")
            let bearer = try people.mine.json()["access_token"]?.string
            func refresh(_ token: String) async throws -> HTTPAnswer {
                let body: JSON = ["refresh_token": .string(token)]
                return try await world.node.call("POST", "/v1/auth/refresh", as: bearer, body: body.text)
            }
            let parts = token.split(separator: ".").map(String.init)
            let moved = try await refresh(([world.acme.id.text] + parts.dropFirst()).joined(separator: "."))
            let nonsense = try await refresh("nonsense")
            #expect(moved.status == 401 && moved.fingerprint == nonsense.fingerprint, "\(moved)")
            // Whole, it is worth what it is worth: to whoever has it, in its own tenant, and not in the one of who sends it.
            let spent = try await refresh(token)
            #expect(try spent.status == 200 && spent.json()["tenant"]?["name"] == "globex", "\(spent)")
            #expect(try await people.isUntouched())
            #expect(try await world.node.call("GET", "/v1/me", as: bearer).json()["tenant"]?["name"] == "acme")
        }
    }

    /// Who has the id of another tenant's person as a name is not told who that is.
    @Test func theNameOfAnothersPersonIsLikeNone() async throws {
        try await run { people in
            var answers: [JSON] = []
            for subject in [people.user.id.text, UserID.generate().text] {
                let token = try await people.world.token(.admin, subject: subject)
                let answer = try await people.world.node.call("GET", "/v1/me", as: token)
                #expect(answer.status == 200 && !answer.text.contains("globex") && !answer.text.contains("Only There"))
                var names = Names(known: [subject: "subject"])
                answers.append(names.named(try answer.json()))
            }
            #expect(answers[0] == answers[1])
        }
    }

    /// A token says whose it is; nothing that is sent with it does.
    @Test func nothingElseChangesTheTenant() async throws {
        try await run { people in
            let world = people.world
            let token = try people.mine.json()["access_token"]?.string
            let flow = try await world.makeFlow(in: world.globex)
            let globex = world.globex.id.text
            let fields = [
                ("Cookie", "signalbox_session=\(people.cookie.joined(separator: "."))"), ("X-Tenant", globex),
                ("X-Tenant-ID", globex), ("Host", "globex.test.local"),
            ]
            for path in ["/v1/flows/\(flow)", "/v1/flows/\(flow)?tenant=\(globex)&tenant_id=\(globex)"] {
                #expect(try await world.node.call("GET", path, as: token, Array(fields.dropLast())).status == 404)
            }
            let me = try await world.node.call("GET", "/v1/me?tenant=globex", as: token, Array(fields.dropLast()))
            #expect(try me.json()["tenant"]?["name"] == "acme")
        }
    }
}
