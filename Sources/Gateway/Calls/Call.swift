import Domain
import HTTP
import HTTPTypes
import Identity
import JSON
import Server

/// One request on its way to its answer.
struct Call: Sendable {
    let services: Services
    let request: Request
    let route: Route
    /// What stands in the holes of the route's path.
    let captures: [String: String]
    /// Who calls; nil on an open route.
    var caller: Caller?
    /// The time of everything in this call.
    let now = Timestamp.now()

    /// The channel of audit lines.
    static let channel = "http"
    static let defaultPage = 50
    static let maximumPage = 1000

    init(services: Services, request: Request, route: Route, captures: [String: String]) {
        self.services = services
        self.request = request
        self.route = route
        self.captures = captures
    }

    var head: RequestHead { request.head }

    /// The call with its caller, who may make it.
    /// - Throws: ``Problem``, `AuthError`, `StoreError`.
    func authorised() async throws -> Call {
        guard route.access != .open, route.access != .handshake else { return self }
        guard let caller = try await Caller.find(request, services, now: now) else { throw Problem.signInFirst }
        try caller.checkCSRF(head)
        if case .action(let action) = route.access, !caller.principal.may(action) { throw Problem(.forbidden) }
        var call = self
        call.caller = caller
        return call
    }

    /// The caller once more, after an answer was waited for: the session may have ended meanwhile.
    /// - Throws: ``Problem``, `AuthError`, `StoreError`.
    func presentPrincipal() async throws -> Principal {
        guard let caller else { throw Problem.signInFirst }
        return try await caller.proof.principal(services.sessions, now: .now())
    }

    /// Carries it out, for the caller's tenant.
    func answer() async throws -> Response {
        guard let caller else { return try await route.run(self) }
        return try await TenantContext.with(caller.principal.tenant.id) { try await route.run(self) }
    }

    /// The caller of a route that has one.
    func principal() throws -> Principal {
        guard let caller else { throw Problem.signInFirst }
        return caller.principal
    }

    /// The id in the path. What is no id names nothing.
    func id<Entity>(_ name: String = "id", of type: Entity.Type = Entity.self) throws -> Identifier<Entity> {
        guard let id = captures[name].flatMap({ Identifier<Entity>($0) }) else { throw Problem(.notFound) }
        return id
    }

    /// Runs a read-only transaction.
    func read<Result: Sendable>(
        _ body: @Sendable (any StoreTransaction) async throws -> Result
    ) async throws -> Result {
        try await services.store.transaction(.snapshot, body)
    }
}
