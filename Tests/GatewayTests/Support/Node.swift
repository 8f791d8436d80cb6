import Agents
import Approvals
import Domain
import Flows
import Gateway
import HTTP
import Identity
import JSON
import Ledger
import Logging
import Persistence
import Postgres
import Reactor
import Server
import Streams
import TestSupport
import Webhooks

/// One server process's worth of objects, wired like the real one, on a port of its own.
struct Node: Sendable {
    let workers: WorkerGroup
    let store: PlacedStore
    let sessions: Sessions
    let tokens: AccessTokens
    let gateway: Gateway
    let server: HTTPServer
    private let clients: [PostgresClient]
    private let listeners: [StoreListener]
    private let engine: FlowEngine

    var port: UInt16 { server.address.port }

    /// A type of flows that the server runs, were its engine started.
    static let flowType = "two_ways"

    private static func registry() throws -> FlowRegistry {
        var registry = FlowRegistry()
        try registry.register(
            FlowDefinition<[String: Int]>(flowType, initial: { _ in [:] }) { flow in
                let first = flow.start("look") { _ in 1 }
                flow.router("choose", after: first, labels: ["left", "right"]) { _, _ in "left" }
                flow.listen("go_left", on: "left") { _ in 2 }
                flow.listen("go_right", on: "right") { _ in 3 }
            }
        )
        return registry
    }

    static func start(
        on databases: TestDatabase...,
        places: TenantPlaces = .single,
        webRoot: String? = nil,
        configure: @Sendable (inout GatewayConfiguration, inout ServerConfiguration) -> Void = { _, _ in }
    ) async throws -> Node {
        let workers = try WorkerGroup(count: 2)
        let clients = databases.map { database in
            PostgresClient(
                database.configuration,
                options: PostgresStore.options(connectionsPerWorker: 6),
                workers: workers,
                blockingPool: TestDatabase.blockingPool
            )
        }
        let store = PlacedStore(
            clients.enumerated().map { PlacedStore.Database(name: "db\($0)", store: PostgresStore($1)) },
            places: places
        )
        let streams = await Streams(workers: workers, store: store)
        let ledger = Ledger(store: store, publisher: streams) { [workers] in workers.local.spawn($0) }
        let number = Int64.random(in: 1...Int64.max)
        let listeners = clients.map { StoreListener($0, node: number) }
        let registry = try registry()
        let engine = FlowEngine(ledger: ledger, queue: store, registry: registry, owner: number)
        let identity = try World.identity()
        let tokens = try await AccessTokens(configuration: identity)
        let sessions = Sessions(
            configuration: identity,
            store: store,
            tenants: store,
            tokens: tokens,
            hasher: World.hasher
        )
        var configuration = GatewayConfiguration()
        configuration.webRoot = webRoot
        configuration.messagesPerSecond = 100_000
        configuration.messageBurst = 100_000
        var serverConfiguration = ServerConfiguration(logger: Logger(label: "test"))
        configure(&configuration, &serverConfiguration)
        let gateway = try await Gateway(
            configuration: configuration,
            store: store,
            tenants: store,
            sessions: sessions,
            approvals: Approvals(ledger: ledger, effect: engine),
            flows: FlowCommands(ledger: ledger, registry: registry, engine: engine),
            agents: AgentRegistry([Clerk.self]),
            webhooks: WebhookCommands(store: store, policy: ReceiverPolicy()),
            workers: workers,
            streams: streams.counters,
            blockingPool: TestDatabase.blockingPool,
            logger: Logger(label: "test")
        )
        for listener in listeners {
            try await listener.start { notification in
                streams.heard(notification)
                sessions.receive(notification)
                if case .sessionRevoked(let tenant, let session) = notification {
                    gateway.sessionRevoked(tenant: tenant, session: session)
                }
            }
        }
        let address = try SocketAddress(host: "127.0.0.1", port: 0).orThrow("no address")
        let server = try await HTTPServer(
            on: address,
            workers: workers,
            configuration: serverConfiguration,
            handler: gateway
        )
        return Node(
            workers: workers,
            store: store,
            sessions: sessions,
            tokens: tokens,
            gateway: gateway,
            server: server,
            clients: clients,
            listeners: listeners,
            engine: engine
        )
    }

    /// Ends everything, so that the process does not collect loops.
    func stop() async {
        gateway.drain()
        await server.drain(within: .seconds(3))
        await engine.stop()
        for listener in listeners { await listener.close() }
        for client in clients { await client.close() }
        let workers = self.workers
        _ = try? await TestDatabase.blockingPool.run { workers.shutDown() }
    }

    /// Sends one request on a connection of its own.
    func call(
        _ method: String,
        _ path: String,
        as token: String? = nil,
        _ fields: [(String, String)] = [],
        body: String? = nil
    ) async throws -> HTTPAnswer {
        var fields = fields
        if let token { fields.append(("Authorization", "Bearer \(token)")) }
        if body != nil, !fields.contains(where: { $0.0.lowercased() == "content-type" }) {
            fields.append(("Content-Type", "application/json"))
        }
        return try await HTTPAnswer.ask(port: port, method, path, fields, body: Array((body ?? "").utf8))
    }

    /// Opens a WebSocket without saying hello.
    func connect(_ fields: [(String, String)] = []) async throws -> RPCClient {
        try await RPCClient.open(port: port, fields)
    }

    /// Opens a WebSocket and says hello with a token.
    func connect(as token: String) async throws -> RPCClient {
        let client = try await connect()
        _ = try await client.request("hello", ["token": .string(token)])
        return client
    }
}

struct Missing: Error, CustomStringConvertible {
    let description: String
}

extension Optional {
    func orThrow(_ what: String) throws -> Wrapped {
        guard let self else { throw Missing(description: what) }
        return self
    }
}
