import Domain
import HTTP
import HTTPTypes
import Identity
import JSON
import Server

extension Route {
    static let authentication: [Route] = [
        Route(
            .post,
            "/v1/auth/login",
            .open,
            "Signs a person in: tokens for programs, cookies for browsers.",
            body: .json("Login"),
            hasSecrets: true,
            answers: [Answer(200, "Tokens")],
            problems: [.invalidCredentials, .tooManyAttempts, .busy]
        ) { try await $0.login() },
        Route(
            .post,
            "/v1/auth/refresh",
            .open,
            "Spends a refresh token for a new pair of tokens.",
            body: .json("Refresh"),
            hasSecrets: true,
            answers: [Answer(200, "Tokens")],
            problems: [.invalidRefreshToken]
        ) { try await $0.refresh() },
        Route(
            .post,
            "/v1/auth/logout",
            .signedIn,
            "Ends the session: its tokens, its cookies and its sockets.",
            answers: [Answer(204)]
        ) { try await $0.logout() },
        Route(.get, "/v1/me", .signedIn, "Who the caller is.", answers: [Answer(200, "Me")]) { try await $0.me() },
    ]
}

extension Call {
    fileprivate func login() async throws -> Response {
        let body = try object(["tenant", "email", "password"])
        let signIn = try await services.sessions.login(
            tenant: try body.requiredText("tenant"),
            email: try body.requiredText("email"),
            password: Secret(try body.requiredText("password")),
            from: RequestOrigin(request.peer, channel: Self.channel),
            now: now
        )
        var response = Response.json(Self.tokens(signIn))
        if let browser = signIn.browser {
            let seconds = Int(browser.expiresAt.seconds - now.seconds)
            response.headers.append(try sessionCookie(browser.cookie.reveal(), seconds))
            response.headers.append(try csrfCookie(browser.csrfToken.reveal(), seconds))
        }
        return response
    }

    fileprivate func refresh() async throws -> Response {
        let body = try object(["refresh_token"])
        let signIn = try await services.sessions.refresh(
            token: try body.requiredText("refresh_token"),
            from: RequestOrigin(request.peer, channel: Self.channel),
            now: now
        )
        return .json(Self.tokens(signIn))
    }

    fileprivate func logout() async throws -> Response {
        let principal = try principal()
        let origin = RequestOrigin(request.peer, channel: Self.channel)
        try await services.sessions.logout(principal, from: origin, now: now)
        if let session = principal.session { services.sessionRevoked(principal.tenant.id, session) }
        var response = Response.empty
        response.headers.append(try sessionCookie("", 0))
        response.headers.append(try csrfCookie("", 0))
        return response
    }

    fileprivate func me() async throws -> Response {
        let principal = try principal()
        let user = try await read { transaction -> User? in
            guard let id = UserID(principal.subject) else { return nil }
            return try await transaction.identity.user(id)
        }
        var response = Response.json([
            "user": [
                "id": JSON(principal.subject),
                "email": user.map { JSON($0.email) } ?? .null,
                "name": JSON(user?.name ?? principal.displayName),
                "roles": Self.roles(principal.roles),
            ],
            "tenant": ["id": JSON(principal.tenant.id.text), "name": JSON(principal.tenant.name)],
            "roles": Self.roles(principal.roles),
            "session": principal.session.map { JSON($0.text) } ?? .null,
            "expires_at": JSON(principal.expiresAt.rfc3339),
        ])
        // A browser that lost the readable cookie but has the other one can go on.
        if case .cookie(let cookie) = caller?.proof, let token = Sessions.csrfToken(cookie: cookie),
            head.cookies[Caller.csrfCookie] != token.reveal()
        {
            let seconds = Int(principal.expiresAt.seconds - now.seconds)
            response.headers.append(try csrfCookie(token.reveal(), seconds))
        }
        return response
    }

    private static func tokens(_ signIn: SignIn) -> JSON {
        [
            "access_token": JSON(signIn.accessToken.reveal()),
            "token_type": "Bearer",
            "expires_in": JSON(Int(signIn.expiresIn)),
            "refresh_token": JSON(signIn.refreshToken.reveal()),
            "user": [
                "id": JSON(signIn.user.id.text),
                "email": JSON(signIn.user.email),
                "name": JSON(signIn.user.name),
                "roles": roles(signIn.user.roles),
            ],
            "tenant": ["id": JSON(signIn.tenant.id.text), "name": JSON(signIn.tenant.name)],
        ]
    }

    static func roles(_ roles: Set<Role>) -> JSON { .array(roles.map(\.rawValue).sorted().map { JSON($0) }) }

    private func sessionCookie(_ value: String, _ seconds: Int) throws -> HTTPField {
        try cookie(SetCookie(name: Caller.sessionCookie, value: value, maxAge: seconds))
    }

    private func csrfCookie(_ value: String, _ seconds: Int) throws -> HTTPField {
        try cookie(SetCookie(name: Caller.csrfCookie, value: value, maxAge: seconds, isHTTPOnly: false))
    }

    private func cookie(_ cookie: SetCookie) throws -> HTTPField {
        var cookie = cookie
        cookie.isSecure = services.configuration.hasSecureCookies
        return HTTPField(name: .setCookie, value: try cookie.fieldValue())
    }
}
