import Agents
import Approvals
import Domain
import Events
import Flows
import Foundation
import Gateway
import Identity
import Ledger
import Locking
import Logging
import Persistence
import Postgres
import Reactor
import Server
import Streams
import Webhooks

/// The whole product, wired: who is connected to whom, and with which limits.
final class Application: Sendable {
    /// What serves requests, once the database has been found in order.
    struct Services: Sendable {
        let databases: DatabaseLinks
        let relaying: Relaying?
        let watch: DatabaseWatch
        let history: HistoryKeeper
        /// Tells of what this process commits, within it.
        let bus: EventBus
        let deliverer: WebhookDeliverer
        let sessions: Sessions
        let streams: Streams
        let engine: FlowEngine
        let gateway: Gateway
        let server: HTTPServer
        /// Sends plain HTTP to HTTPS.
        let redirect: HTTPServer?
    }

    /// How long the engine may take to give its work back, once serving has ended.
    private static let databasePatience = Duration.seconds(2)

    let settings: Settings
    private let placement: Placement
    let workers: WorkerGroup
    /// For what blocks: password hashing, name look-ups, file reads.
    let pool: BlockingPool
    private let sockets: [ListeningSocket]
    private let redirectSockets: [ListeningSocket]
    private let tls: TLSServer?
    private let services = Mutex<Services?>(nil)

    /// Loads the certificates and starts the workers; nothing is served yet.
    /// - Throws: ``Failure``.
    init(settings: Settings, placement: Placement, listening: Listening) throws(Failure) {
        self.settings = settings
        self.placement = placement
        sockets = listening.sockets
        redirectSockets = listening.redirectSockets
        do {
            tls = try settings.transport.tls().map { try TLSServer($0) }
            workers = try WorkerGroup(
                count: Self.workerCount(settings),
                usesRing: settings.transport.ring == "on"
            )
        } catch {
            throw Failure(error)
        }
        pool = BlockingPool()
    }

    /// The number of workers that the settings ask for.
    static func workerCount(_ settings: Settings) -> Int {
        settings.workers > 0 ? settings.workers : WorkerGroup.usableProcessorCount
    }

    /// Connects everything and begins to serve. Runs on a worker.
    /// - Throws: when the database is not there, not migrated or gives too many rights.
    @discardableResult
    func start() async throws -> Services {
        let logger = Logger(label: "signalbox")
        let databases = DatabaseLinks(placement, settings: settings, workers: workers, pool: pool, logger: logger)
        let store = databases.store
        try await databases.verify()

        let identity = try IdentityConfiguration(settings)
        let sessions = Sessions(
            configuration: identity,
            store: store,
            tenants: store,
            tokens: try await AccessTokens(configuration: identity),
            hasher: PasswordHasher(parameters: try PasswordHasher.Parameters(), pool: pool)
        )
        let streams = await Streams(workers: workers, store: store)
        let relaying = try Relaying(
            url: settings.redisURL,
            node: databases.node,
            store: store.databases[0].store,
            streams: streams,
            workers: workers,
            blockingPool: pool,
            logger: logger
        )
        let bus = EventBus { [workers] in workers.local.spawn($0) }
        let publisher = CommitFanOut(watchers: relaying?.publisher ?? streams, bus: bus)
        let ledger = Ledger(store: store, publisher: publisher) { [workers] in workers.local.spawn($0) }
        var registry = FlowRegistry()
        try registry.registerLinked()
        let bodies = settings.engine.bodies
        let engine = FlowEngine(
            ledger: ledger,
            queue: store,
            registry: registry,
            owner: databases.node,
            limits: settings.engine.limits,
            environment: .system(bodies: bodies),
            isCarried: { relaying?.carriesWork ?? false }
        )
        let deliverer = try deliverer(for: store, logger: logger)
        let gateway = try await Gateway(
            configuration: try GatewayConfiguration(settings),
            store: store,
            tenants: store,
            sessions: sessions,
            approvals: Approvals(ledger: ledger, effect: engine),
            flows: FlowCommands(ledger: ledger, registry: registry, engine: engine),
            agents: AgentRegistry.linked(),
            webhooks: WebhookCommands(store: store, policy: settings.webhooks.policy),
            workers: workers,
            streams: streams.counters,
            metrics: {
                Metric.of(zip(store.databases, databases.clients).map { ($0.name, $1.metrics) }) + Metric.of(ledger)
                    + Metric.of(engine, bodies: bodies) + Metric.of(bus) + Metric.of(deliverer)
                    + (relaying?.metrics ?? [])
            },
            blockingPool: pool,
            logger: logger
        )
        let watch = DatabaseWatch(gateway: gateway, store: store)
        try await databases.listen(on: workers.local, opened: { watch.set($0, isHeard: $1) }) { notification, place in
            watch.heard(notification, from: place)
            sessions.receive(notification)
            streams.heard(notification)
            if place == 0 { relaying?.heard(notification) }
            engine.heard(notification)
            switch notification {
            case .deliveries, .mayHaveMissed: deliverer.wake()
            case .sessionRevoked(let tenant, let session): gateway.sessionRevoked(tenant: tenant, session: session)
            case .stream, .work, .workGivenBack, .cannotHear: break
            }
        }
        relaying?.start(engine)
        watch.start(on: workers.local)
        let history = HistoryKeeper(store: store, policy: HistoryPolicy(days: settings.historyDays), logger: logger)
        history.start(on: workers.local)
        await engine.start()
        deliverer.start(on: workers.local)
        let server = try await HTTPServer(
            on: sockets,
            workers: workers,
            configuration: ServerConfiguration(settings, tls: tls, logger: logger),
            handler: gateway
        )
        let redirect = try await redirectServer(logger: logger)
        let services = Services(
            databases: databases,
            relaying: relaying,
            watch: watch,
            history: history,
            bus: bus,
            deliverer: deliverer,
            sessions: sessions,
            streams: streams,
            engine: engine,
            gateway: gateway,
            server: server,
            redirect: redirect
        )
        self.services.withLock { $0 = services }
        return services
    }

    /// Reads the certificates anew, for connections that begin from now on. Without TLS nothing happens.
    /// - Throws: ``Failure``; the certificates stay as they were then.
    func reloadCertificates() throws(Failure) {
        guard let tls, let configuration = try settings.transport.tls() else { return }
        do throws(TLSError) {
            try tls.reload(configuration)
        } catch {
            throw Failure(error)
        }
    }

    /// Reads anew which tenant lives in which database. Runs on a worker.
    /// - Throws: ``Failure``; all of them live where they lived before then.
    func reloadPlacement() async throws(Failure) {
        guard settings.tenantDatabases != nil, let services = services.withLock(\.self) else { return }
        let new = try Placement(settings)
        guard new.databases == placement.databases else {
            throw Failure(.configuration, "other databases are used only after a restart.")
        }
        let store = services.databases.store
        let missing: [String]
        do {
            missing = try await store.missing(by: new.places)
        } catch {
            throw Failure(error)
        }
        guard missing.isEmpty else {
            throw Failure(.configuration, "not in the database they were put into: \(missing.joined(separator: ", ")).")
        }
        store.move(to: new.places)
        services.watch.placesChanged()
        services.streams.heard(.mayHaveMissed)
        services.engine.wake()
    }

    private func deliverer(for store: PlacedStore, logger: Logger) throws(Failure) -> WebhookDeliverer {
        try settings.webhooks.verify()
        return WebhookDeliverer(
            store: store,
            queue: store,
            policy: settings.webhooks.policy,
            authorities: settings.webhooks.authorities,
            agent: "Signalbox/\(Signalbox.version)",
            limits: settings.webhooks.limits,
            workers: workers,
            logger: logger
        )
    }

    private func redirectServer(logger: Logger) async throws(SystemError) -> HTTPServer? {
        guard !redirectSockets.isEmpty, let port = sockets.first(where: { !$0.address.isUnix })?.address.port else {
            return nil
        }
        return try await HTTPServer(
            on: redirectSockets,
            workers: workers,
            configuration: ServerConfiguration(settings, tls: nil, logger: logger),
            handler: HTTPSRedirect(port: port)
        )
    }

    /// Ends serving: no new work is taken, what is being answered may end, running steps are left for the next start. Runs
    /// on a worker.
    func stop() async {
        guard let services = services.withLock({ $0.take() }) else { return }
        let worker = workers.local
        services.gateway.drain()
        await services.redirect?.drain(within: .zero)
        await services.server.drain(within: .seconds(settings.limits.drainTimeout))
        // A database that has gone must not hold up the end: closing the client fails whatever waits for it.
        let patience = worker.spawn {
            await worker.sleep(for: Self.databasePatience)
            if !Task.isCancelled { await services.databases.close() }
        }
        services.watch.stop()
        services.history.stop()
        await services.deliverer.stop()
        // Before the engine ends, or flows would be told to this process that it does not take any more.
        await services.relaying?.leaveWork()
        await services.engine.stop()
        await services.databases.stopListening()
        await services.relaying?.stop()
        patience.cancel()
        await services.databases.close()
    }

    /// Ends the workers. Blocks.
    func shutDown() {
        workers.shutDown()
        pool.shutDown()
    }
}
