import Agents
import Approvals
import Domain
import Flows
import Identity
import Logging
import Reactor
import Streams
import Webhooks

/// What the calls of a process work with.
final class Services: Sendable {
    let configuration: GatewayConfiguration
    let store: any Store
    let tenants: any TenantDirectory
    let sessions: Sessions
    let approvals: Approvals
    let flows: FlowCommands
    let agents: AgentRegistry
    let webhooks: WebhookCommands
    let workers: WorkerGroup
    let streams: StreamCounters
    /// Figures of what lies below.
    let metrics: @Sendable () -> [Metric]
    let files: StaticFiles
    /// The OpenAPI document as it is served.
    let openAPI: StaticFile
    let logger: Logger
    /// Whether changes can be made at present.
    let status = ServiceStatusBoard()

    init(
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
        metrics: @escaping @Sendable () -> [Metric],
        files: StaticFiles,
        openAPI: StaticFile,
        logger: Logger
    ) {
        self.configuration = configuration
        self.store = store
        self.tenants = tenants
        self.sessions = sessions
        self.approvals = approvals
        self.flows = flows
        self.agents = agents
        self.webhooks = webhooks
        self.workers = workers
        self.streams = streams
        self.metrics = metrics
        self.files = files
        self.openAPI = openAPI
        self.logger = logger
    }

    func sessionRevoked(_ tenant: TenantID, _ session: SessionID) {
        let key = LocalSessions.Key(tenant: tenant, session: session)
        for worker in workers.workers { worker.post { $0.attachment(LocalSessions.self)?.revoke(key) } }
    }
}
