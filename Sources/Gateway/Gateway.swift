// Gateway: everything between connections and the domain.
//
// What it is for: the table of HTTP calls and the OpenAPI document made from it, JSON-RPC over WebSocket, server-sent
// events, static files, who may do what on which wire, and the one place where errors become problems. It must never know
// SQL, nor decide anything about a flow or a prompt itself: it turns bytes into commands and outcomes into bytes.
//
// Start with `Route` and the files in `Routes`, then `RPCSession`.

public import Agents
public import Approvals
public import Domain
public import Flows
public import HTTP
import HTTPTypes
public import Identity
import JSON
public import Logging
public import Reactor
public import Server
public import Streams
public import Webhooks

/// Answers every request of a server.
public struct Gateway: HTTPHandler {
    let services: Services
    private let router: Router
    private let compressor: ResponseCompressor

    /// Creates the gateway and its state on every loop; reads the page's files.
    ///
    /// The streams must have been attached to the workers before the first request. `metrics` are shown beside its own. Large answers are compressed on
    /// `blockingPool`.
    /// - Throws: ``StaticFilesError``.
    public init(
        configuration: GatewayConfiguration,
        store: any Store,
        tenants: any TenantDirectory,
        sessions: Sessions,
        approvals: Approvals,
        flows: FlowCommands,
        agents: AgentRegistry,
        webhooks: WebhookCommands,
        workers: WorkerGroup,
        streams: StreamCounters,
        metrics: @escaping @Sendable () -> [Metric] = { [] },
        blockingPool: BlockingPool,
        logger: Logger
    ) async throws(StaticFilesError) {
        let files = try configuration.webRoot.map { root throws(StaticFilesError) in try StaticFiles(root: root) }
        services = Services(
            configuration: configuration,
            store: store,
            tenants: tenants,
            sessions: sessions,
            approvals: approvals,
            flows: flows,
            agents: agents,
            webhooks: webhooks,
            workers: workers,
            streams: streams,
            metrics: metrics,
            files: files ?? StaticFiles(),
            openAPI: StaticFile(
                content: OpenAPI.document(version: configuration.version).prettyPrinted,
                contentType: MediaType.json.description
            ),
            logger: logger
        )
        router = Router(Route.all)
        compressor = ResponseCompressor(minimumBytes: configuration.minimumCompressedBytes, pool: blockingPool)
        for worker in workers.workers {
            await worker.run { worker in
                worker.attach(LocalSessions())
                worker.attach(LocalSubscribers())
                worker.attach(LocalSockets())
            }
        }
    }

    /// Closes every socket of a session, on every loop: it was revoked, here or by another process.
    public func sessionRevoked(tenant: TenantID, session: SessionID) { services.sessionRevoked(tenant, session) }

    /// Says how the databases are; the sockets of tenants for whom that changes something are told, and `/readyz` answers by it.
    public func report(_ report: ServiceReport) { services.report(report) }

    /// Ends long polls at once, so that they do not hold up the server's own draining. WebSockets and event streams hear of
    /// that from the server.
    public func drain() {
        for worker in services.workers.workers {
            worker.post { $0.attachment(LocalSubscribers.self)?.drain() }
        }
    }

    /// What to do with a request's content.
    public func plan(for head: RequestHead) -> RequestPlan {
        guard case .found(let route, _) = router.match(head) else { return .collect(limit: Route.unknownBodyLimit) }
        switch route.body {
        case .none: return .collect(limit: Route.unknownBodyLimit)
        case .json: return .collect(limit: services.configuration.maximumBodyBytes)
        case .upload: return .stream(limit: services.configuration.maximumUploadBytes)
        }
    }

    /// Answers a request.
    public func respond(to request: Request) async -> Response {
        var response: Response
        do {
            response = try await answer(request)
        } catch {
            let problem = problem(error, of: request.head)
            if problem.code == .internalError {
                services.logger.error("\(request.head.method) \(request.head.path) failed: \(error)")
            }
            response = Response(problem)
        }
        if response.status != .switchingProtocols { response.headers.addSecurity() }
        let age = services.configuration.strictTransportAge
        // Without TLS it would be ignored (RFC 6797 section 7.2), and a proxy in front says it itself.
        if request.tls != nil, age > 0 { response.headers[.strictTransportSecurity] = "max-age=\(age)" }
        return response
    }

    /// Answers what the server refuses by itself.
    public func refusal(_ reason: Refusal, of head: RequestHead?) -> (head: ResponseHead, body: [UInt8]) {
        let problem =
            switch reason {
            case .invalid(let error): problem(error, of: head)
            case .timeout(let limit): Problem(.requestTimeout, limit)
            case .tooManyConnections(let limit): Problem(.tooManyConnections, limit).retrying(after: 1)
            }
        var response = Response(problem)
        response.headers.addSecurity()
        return (ResponseHead(status: response.status, headers: response.headers), problem.json.serialized())
    }

    private func answer(_ request: Request) async throws -> Response {
        let head = request.head
        guard Router.knownMethods.contains(head.method) else {
            throw refusal(.notImplemented, allowing: router.methods)
        }
        switch router.match(head) {
        case .found(let route, let captures):
            // Before anything is done, because afterwards a refusal would say that nothing was.
            try compressor.checkAcceptable(head, route)
            let call = Call(services: services, request: request, route: route, captures: captures)
            return await compressor.compress(try await call.authorised().answer(), to: head, route)
        case .otherMethod(let allowed):
            guard head.method == .options else { throw refusal(.methodNotAllowed, allowing: allowed) }
            return Response(status: .noContent, headers: [.allow: Self.list(allowed)])
        case .unknown:
            return try services.files.answer(head, now: Int(Timestamp.now().seconds))
        }
    }

    /// What an error means to the sender of a request. Only here it is known which setting the limit of its content was.
    private func problem(_ error: any Error, of head: RequestHead?) -> Problem {
        var problem = Problem(error)
        let body = JSON(HTTPLimits.Name.body.rawValue)
        guard let head, problem.members["limit_name"] == body, case .found(let route, _) = router.match(head) else {
            return problem
        }
        switch route.body {
        case .none: break
        case .json: problem.members["limit_name"] = "max_body_bytes"
        case .upload: problem.members["limit_name"] = "max_upload_bytes"
        }
        return problem
    }

    private func refusal(_ code: ProblemCode, allowing methods: [HTTPRequest.Method]) -> Problem {
        var problem = Problem(code, "The methods are \(Self.list(methods)).")
        problem.headers[.allow] = Self.list(methods)
        return problem
    }

    private static func list(_ methods: [HTTPRequest.Method]) -> String {
        methods.map(\.rawValue).joined(separator: ", ")
    }
}
