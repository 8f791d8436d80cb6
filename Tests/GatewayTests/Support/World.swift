import Domain
import Gateway
import Identity
import JSON
import Reactor
import Server
import TestSupport

/// Two tenants in a fresh database, and one server on it.
struct World: Sendable {
    static let password = "correct horse battery staple"

    let database: TestDatabase
    let node: Node
    let acme: Tenant
    let globex: Tenant

    private static let pool = BlockingPool(threads: 2)
    static let hasher: PasswordHasher = {
        guard let parameters = try? PasswordHasher.Parameters(memoryKiB: 64, iterations: 1) else {
            preconditionFailure("these parameters are allowed")
        }
        return PasswordHasher(parameters: parameters, pool: pool)
    }()

    /// The same key on all nodes, as in one installation.
    static func identity() throws -> IdentityConfiguration {
        try IdentityConfiguration(
            signingKey: try SigningKey(id: "test", secret: Secret([UInt8](repeating: 7, count: 32)))
        )
    }

    /// Runs `body` in a world of its own.
    static func run(
        webRoot: String? = nil,
        configure: @Sendable (inout GatewayConfiguration, inout ServerConfiguration) -> Void = { _, _ in },
        _ body: (World) async throws -> Void
    ) async throws {
        let world = try await make(webRoot: webRoot, configure: configure)
        do {
            try await body(world)
        } catch {
            await world.node.stop()
            throw error
        }
        await world.node.stop()
    }

    static func make(
        webRoot: String? = nil,
        configure: @Sendable (inout GatewayConfiguration, inout ServerConfiguration) -> Void = { _, _ in }
    ) async throws -> World {
        let database = try await TestDatabase.make()
        let hash = try await hasher.hash(Secret(password))
        let users = Role.allCases.map { role in
            User(
                id: .generate(),
                email: "\(role.rawValue)@example.test",
                name: "The \(role.rawValue)",
                roles: [role],
                passwordHash: hash
            )
        }
        let acme = try await database.makeTenant("acme", users: users)
        let globex = try await database.makeTenant("globex", users: [])
        let node = try await Node.start(on: database, webRoot: webRoot, configure: configure)
        return World(database: database, node: node, acme: acme, globex: globex)
    }

    /// A token for a script.
    func token(
        _ roles: Role...,
        in tenant: Tenant? = nil,
        subject: String = "robot",
        lifetime: Int64 = 3600
    ) async throws -> String {
        try await node.tokens.mint(
            subject: subject,
            tenant: tenant ?? acme,
            roles: Set(roles),
            session: nil,
            lifetime: lifetime,
            now: .now()
        )
        .reveal()
    }

    func login(_ role: Role) async throws -> HTTPAnswer {
        let body: JSON = [
            "tenant": "acme", "email": .string("\(role.rawValue)@example.test"), "password": .string(Self.password),
        ]
        return try await node.call("POST", "/v1/auth/login", body: body.text)
    }

    /// An external flow with this state.
    func makeFlow(_ state: JSON = [:], in tenant: Tenant? = nil) async throws -> String {
        let body: JSON = ["type": "external", "title": "A flow", "state": state]
        let agent = try await token(.agent, in: tenant)
        let answer = try await node.call("POST", "/v1/flows", as: agent, body: body.text)
        return try answer.json()["id"]?.string.orThrow("no id in \(answer)") ?? ""
    }

    /// A prompt of a flow.
    func ask(_ flow: String, _ changes: JSON = [:], in tenant: Tenant? = nil) async throws -> JSON {
        let agent = try await token(.agent, in: tenant)
        let draft: JSON = [
            "step": "review", "kind": "confirmation", "title": "Go on?", "shown": ["amount": 12],
            "allowed": ["approve", "reject"],
        ]
        let body = MergePatch.apply(changes, to: draft)
        let answer = try await node.call("POST", "/v1/flows/\(flow)/prompts", as: agent, body: body.text)
        guard answer.status == 201 else { throw Missing(description: "no prompt: \(answer)") }
        return try answer.json()
    }

    /// The content of a decision on a prompt.
    static func decision(_ prompt: JSON, _ verb: String, key: String) -> JSON {
        [
            "verb": .string(verb), "shown_digest": prompt["shown_digest"] ?? .null, "idempotency_key": .string(key),
        ]
    }
}
