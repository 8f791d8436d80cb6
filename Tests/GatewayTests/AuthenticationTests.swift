import Domain
import HTTPTypes
import Identity
import JSON
import TestSupport
import Testing

@testable import Gateway

@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct AuthenticationTests {
    private func cookies(of answer: HTTPAnswer) -> [String: String] {
        var cookies: [String: String] = [:]
        for line in answer.values("Set-Cookie") {
            let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = String(pair[1])
        }
        return cookies
    }

    @Test func aBrowserLivesOnItsCookies() async throws {
        try await World.run { world in
            let signIn = try await world.login(.operator)
            #expect(signIn.status == 200)
            let lines = signIn.values("Set-Cookie")
            let session = try #require(lines.first { $0.hasPrefix("signalbox_session=") })
            #expect(session.contains("HttpOnly") && session.contains("SameSite=Strict") && session.contains("Path=/"))
            let readable = try #require(lines.first { $0.hasPrefix("signalbox_csrf=") })
            #expect(!readable.contains("HttpOnly") && readable.contains("SameSite=Strict"))
            let values = cookies(of: signIn)
            let cookie = "signalbox_session=\(values["signalbox_session"] ?? "")"
            let csrf = values["signalbox_csrf"] ?? ""

            let me = try await world.node.call("GET", "/v1/me", [("Cookie", cookie + "; signalbox_csrf=\(csrf)")])
            #expect(try me.json()["user"]?["email"] == "operator@example.test")
            #expect(try me.json()["tenant"]?["name"] == "acme")
            #expect(me.values("Set-Cookie").isEmpty)
            // The readable one was lost, and is given again.
            let lost = try await world.node.call("GET", "/v1/me", [("Cookie", cookie)])
            #expect(cookies(of: lost) == ["signalbox_csrf": csrf])

            let body = #"{"type":"external"}"#
            let forged = try await world.node.call("POST", "/v1/flows", [("Cookie", cookie)], body: body)
            #expect(forged.status == 403 && forged.code == "csrf_failed")
            let wrong = [("Cookie", cookie), ("X-CSRF-Token", String(csrf.reversed()))]
            #expect(try await world.node.call("POST", "/v1/flows", wrong, body: body).code == "csrf_failed")
            let right = [("Cookie", cookie), ("X-CSRF-Token", csrf)]
            #expect(try await world.node.call("POST", "/v1/flows", right, body: body).status == 201)

            let out = try await world.node.call("POST", "/v1/auth/logout", right)
            #expect(out.status == 204 && out.values("Set-Cookie").allSatisfy { $0.contains("Max-Age=0") })
            let after = try await world.node.call("GET", "/v1/me", [("Cookie", cookie)])
            #expect(after.status == 401 && after.code == "session_ended")
            #expect(after["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
        }
    }

    @Test func tokensAreRefreshedOnce() async throws {
        try await World.run { world in
            let signIn = try await world.login(.viewer).json()
            let refresh: JSON = ["refresh_token": signIn["refresh_token"] ?? .null]
            let next = try await world.node.call("POST", "/v1/auth/refresh", body: refresh.text)
            let token = try (next.json()["access_token"]?.string).orThrow("no token in \(next)")
            #expect(try await world.node.call("GET", "/v1/me", as: token).status == 200)
            let reuse = try await world.node.call("POST", "/v1/auth/refresh", body: refresh.text)
            #expect(reuse.status == 401 && reuse.code == "invalid_refresh_token")
            // Whoever had it: the whole session is over.
            #expect(try await world.node.call("GET", "/v1/me", as: token).code == "session_ended")
        }
    }

    @Test func whoIsNotKnownGetsNothing() async throws {
        try await World.run { world in
            let unknown = #"{"tenant":"acme","email":"nobody@example.test","password":"correct horse battery"}"#
            let wrong = #"{"tenant":"acme","email":"viewer@example.test","password":"correct horse battery"}"#
            let first = try await world.node.call("POST", "/v1/auth/login", body: unknown)
            let second = try await world.node.call("POST", "/v1/auth/login", body: wrong)
            #expect(first.status == 401 && first.code == "invalid_credentials")
            #expect(first.fingerprint == second.fingerprint)
            let form = [("Content-Type", "text/plain")]
            #expect(try await world.node.call("POST", "/v1/auth/login", form, body: wrong).status == 415)
            var last = second
            for _ in 0..<30 where last.status == 401 {
                last = try await world.node.call("POST", "/v1/auth/login", body: wrong)
            }
            #expect(last.status == 429 && last["Retry-After"] != nil && last.code == "too_many_attempts")
        }
    }

    @Test(arguments: [
        ("", "unauthenticated"), ("Bearer", "invalid_token"), ("Basic YTpi", "invalid_token"),
        ("Bearer x.y.z", "invalid_token"),
    ])
    func everyCallOfATenantAsksWhoItIs(field: String, code: String) async throws {
        try await SharedWorld.run { world in
            for route in Route.all where route.access != .open {
                let path = route.path.text.replacing("{id}", with: FlowID.generate().text)
                let fields = field.isEmpty ? [] : [("Authorization", field)]
                if route.access == .handshake { continue }
                let answer = try await world.node.call(route.method.rawValue, path, fields, body: "{}")
                #expect(answer.status == 401 && answer.code == code, "\(route.method) \(path): \(answer)")
            }
        }
    }

    @Test func theTableOfPermissionsIsTheTableOfRoutes() async throws {
        try await SharedWorld.run { world in
            for role in Role.allCases {
                let token = try await world.token(role)
                for route in Route.all {
                    guard case .action(let action) = route.access else { continue }
                    let path = route.path.text.replacing("{id}", with: FlowID.generate().text)
                    let answer = try await world.node.call(
                        route.method.rawValue,
                        path,
                        as: token,
                        [("Content-Type", "text/plain")],
                        body: route.method == .get ? nil : "x"
                    )
                    let isAllowed = role == .admin || action.roles.contains(role)
                    #expect((answer.code == "forbidden") == !isAllowed, "\(role) \(route.method) \(path): \(answer)")
                }
            }
        }
    }
}
