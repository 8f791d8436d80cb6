import Domain
import Identity
import JSON
import TestSupport
import Testing

/// Everything that needs a database; skipped, visibly, where PostgreSQL 15 is not installed.
@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct DatabaseTests {}

/// A tenant with one user, another tenant, and the services on top of a database.
struct World {
    static let password = "correct horse battery staple"
    /// One database for all tests: each has tenants of its own in it.
    private static let database = Task { try await TestDatabase.make() }

    let sessions: Sessions
    let tokens: AccessTokens
    let tenant: Tenant
    let other: Tenant
    let user: User
    let now = Timestamp(microseconds: 1_800_000_000_000_000)
    let origin = RequestOrigin(address: "192.0.2.1", channel: "http")
    private let store: any Store
    private let hasher: PasswordHasher

    init() async throws {
        let database = try await Self.database.value
        store = database.store
        tenant = try await database.makeTenant("acme-\(TenantID.generate())")
        other = try await database.makeTenant("globex-\(TenantID.generate())")
        hasher = try PasswordHasher(
            parameters: .init(memoryKiB: 64, iterations: 1),
            pool: TestDatabase.blockingPool
        )
        let key = try SigningKey(id: "test", secret: Secret([UInt8](repeating: 1, count: 32)))
        let configuration = try IdentityConfiguration(signingKey: key)
        tokens = try await AccessTokens(configuration: configuration)
        sessions = Sessions(
            configuration: configuration,
            store: store,
            tenants: database.store,
            tokens: tokens,
            hasher: hasher
        )
        user = User(
            id: .generate(),
            email: "ann@acme.test",
            name: "Ann",
            roles: [.reviewer],
            passwordHash: try await hasher.hash(Secret(Self.password))
        )
        let user = user
        try await store.transaction(as: tenant.id) { try await $0.identity.save(user) }
    }

    /// Another user with the same password.
    func addUser(email: String, isDisabled: Bool = false) async throws -> User {
        let user = User(
            id: .generate(),
            email: email,
            name: email,
            roles: [.viewer],
            passwordHash: user.passwordHash,
            isDisabled: isDisabled
        )
        try await transaction { try await $0.identity.save(user) }
        return user
    }

    /// Changes the user.
    func change(roles: Set<Role>? = nil, isDisabled: Bool = false) async throws {
        let changed = User(
            id: user.id,
            email: user.email,
            name: user.name,
            roles: roles ?? user.roles,
            passwordHash: user.passwordHash,
            isDisabled: isDisabled
        )
        try await transaction { try await $0.identity.save(changed) }
    }

    func login(
        tenant tenantName: String? = nil,
        email: String = "ann@acme.test",
        password: String = World.password,
        now: Timestamp? = nil
    ) async throws -> SignIn {
        try await sessions.login(
            tenant: tenantName ?? tenant.name,
            email: email,
            password: Secret(password),
            from: origin,
            now: now ?? self.now
        )
    }

    func refresh(_ signIn: SignIn, at offset: Int64 = 0) async throws -> SignIn {
        try await refresh(signIn.refreshToken.reveal(), at: offset)
    }

    func refresh(_ token: String, at offset: Int64 = 0) async throws -> SignIn {
        try await sessions.refresh(token: token, from: origin, now: now.adding(seconds: offset))
    }

    func principal(_ signIn: SignIn, at offset: Int64 = 0) async throws -> Principal {
        try await sessions.principal(bearer: signIn.accessToken.reveal(), now: now.adding(seconds: offset))
    }

    func principal(cookie: String, at offset: Int64 = 0) async throws -> Principal {
        try await sessions.principal(cookie: cookie, now: now.adding(seconds: offset))
    }

    /// What the database holds, in the first tenant's context.
    func transaction<Result: Sendable>(
        _ body: @Sendable (any StoreTransaction) async throws -> Result
    ) async throws -> Result {
        try await store.transaction(as: tenant.id, .write, body)
    }

    /// The first tenant's audit lines of one kind, newest first.
    func audit(_ action: String) async throws -> [AuditEntry] {
        try await transaction {
            try await $0.audit.list(action: action, subject: nil, limit: 100, cursor: nil)?.items ?? []
        }
    }
}
