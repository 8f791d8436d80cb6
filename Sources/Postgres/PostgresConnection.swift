import CPQ
import Glibc
import Reactor

/// One connection on one loop.
///
/// Requests run one after the other in pipeline mode (PostgreSQL documentation, section 34.5), each closed by a *sync*, so
/// that a batch costs one round trip. libpq owns the descriptor: it is taken off the loop before `PQfinish` and never closed
/// here.
final class PostgresConnection: ChannelHandler {
    enum Phase: Equatable {
        case connecting
        case settingUp
        case ready
        case closed
    }

    let worker: Worker
    let loop: EventLoop
    let blockingPool: BlockingPool
    private(set) var phase = Phase.connecting
    /// libpq's connection; nil once it is closed.
    private(set) var native: OpaquePointer?
    private var channel: ChannelID?
    private var interest: Interest = []
    private var connectTimer: TimerID?
    private var onOpen: ((Result<PostgresConnection, PostgresError>) -> Void)?
    /// Told once when an open connection ends by itself.
    var onLoss: ((PostgresError) -> Void)?
    /// Gets what other sessions sent by `NOTIFY`.
    var onNotification: ((_ channel: String, _ payload: String) -> Void)?

    var waiting: [PostgresRequest] = []
    /// Statements that go out with the next request: a transaction costs no round trip to begin.
    var preamble: [PostgresStatement] = []
    var prepared = PreparedStatements()
    var current: PostgresExchange?
    var answerTimer: TimerID?

    /// Names the connection to code outside this worker, for as long as it is open.
    let token: UInt64

    init(worker: Worker, loop: EventLoop, token: UInt64, blockingPool: BlockingPool) {
        self.worker = worker
        self.token = token
        self.blockingPool = blockingPool
        self.loop = loop
    }

    /// Begins to connect; `completion` is called once, later, on the loop. The loop retains the connection while it is open.
    func open(
        _ parameters: [(keyword: String, value: String)],
        setup: [PostgresStatement],
        timeout: Duration,
        completion: @escaping (Result<PostgresConnection, PostgresError>) -> Void
    ) {
        onOpen = completion
        self.setup = setup
        connectTimer = loop.schedule(after: timeout) { [weak self] in
            self?.fail(PostgresError(.notReachable, "the database did not answer within \(timeout)"))
        }
        native = startConnecting(parameters)
        guard let native, PQstatus(native) != CONNECTION_BAD else {
            // Not at once: the caller has not finished its own bookkeeping yet.
            loop.schedule(after: .zero) { self.fail(self.notReachable()) }
            return
        }
        PQsetNoticeProcessor(native, { _, _ in }, nil)
        watch(.write)
    }
    private var setup: [PostgresStatement] = []

    /// Ends the connection. What waits or runs is told, `onLoss` is not.
    func close() {
        onLoss = nil
        fail(PostgresError(.closed))
    }

    /// Whether a transaction is open, as of the last answer.
    var transactionStatus: PGTransactionStatusType { native.map { PQtransactionStatus($0) } ?? PQTRANS_UNKNOWN }

    var isBusy: Bool { current != nil || !waiting.isEmpty }

    func channelReady(_ readiness: Readiness) {
        switch phase {
        case .connecting: pollConnect()
        case .settingUp, .ready: transfer()
        case .closed: break
        }
    }

    func channelTornDown() {
        channel = nil
        fail(PostgresError(.closed))
    }

    /// Gives the connection up: `error` says why, each request what it means for itself.
    func fail(_ error: PostgresError) {
        guard phase != .closed else { return }
        phase = .closed
        cancelTimers()
        unwatch()
        PQfinish(native.take())
        let sent = current.take()
        let unsent = waiting
        waiting = []
        let onOpen = self.onOpen.take()
        let onLoss = self.onLoss.take()
        onNotification = nil
        if let sent {
            if sent.isAnswered {
                sent.request.completion(sent.result)
            } else {
                // The server's last words (such as an administrator's shutdown) tell more than the end of the stream.
                let reason = sent.error ?? error
                let kind: PostgresError.Kind = sent.request.mayCommit ? .unknownOutcome : .connectionLost
                sent.request.completion(.failure(reason.with(kind: kind)))
            }
        }
        for request in unsent {
            request.completion(.failure(error.with(kind: error.kind == .closed ? .closed : .connectionLost)))
        }
        if let onOpen { onOpen(.failure(error.with(kind: error.kind == .closed ? .closed : .notReachable))) }
        onLoss?(error)
    }

    /// Changes what the loop tells about the descriptor.
    func watch(_ wanted: Interest) {
        if let channel {
            guard wanted != interest else { return }
            loop.modify(channel, wanted)
        } else {
            let descriptor = PQsocket(native)
            guard descriptor >= 0 else { return fail(notReachable()) }
            do throws(SystemError) {
                channel = try loop.register(descriptor, wanted, handler: self)
            } catch {
                return fail(PostgresError(.notReachable, error.description))
            }
        }
        interest = wanted
    }

    private func unwatch() {
        if let channel = channel.take() { loop.deregister(channel) }
    }

    private func cancelTimers() {
        if let timer = connectTimer.take() { loop.cancel(timer) }
        if let timer = answerTimer.take() { loop.cancel(timer) }
    }

    private func startConnecting(_ parameters: [(keyword: String, value: String)]) -> OpaquePointer? {
        let keywords = parameters.map { strdup($0.keyword) }
        let values = parameters.map { strdup($0.value) }
        defer { (keywords + values).forEach { free($0) } }
        let keywordPointers: [UnsafePointer<CChar>?] = keywords.map { $0.map { UnsafePointer($0) } } + [nil]
        let valuePointers: [UnsafePointer<CChar>?] = values.map { $0.map { UnsafePointer($0) } } + [nil]
        return PQconnectStartParams(keywordPointers, valuePointers, 0)
    }

    private func pollConnect() {
        // libpq may open another socket under the same number during the call, so the registration never outlives it.
        unwatch()
        switch PQconnectPoll(native) {
        case PGRES_POLLING_READING: watch(.read)
        case PGRES_POLLING_WRITING: watch(.write)
        case PGRES_POLLING_OK: connected()
        default: fail(notReachable())
        }
    }

    private func connected() {
        guard PQsetnonblocking(native, 1) == 0, PQenterPipelineMode(native) == 1 else { return fail(notReachable()) }
        phase = .settingUp
        watch(.read)
        guard phase == .settingUp else { return }
        let request = PostgresRequest(id: 0, content: .batch(setup), mayCommit: false, deadline: nil) { [weak self] in
            self?.setUp($0)
        }
        submit(request)
    }

    private func setUp(_ result: Result<[PostgresRows], PostgresError>) {
        guard phase == .settingUp else { return }
        switch result {
        case .success:
            phase = .ready
            if let timer = connectTimer.take() { loop.cancel(timer) }
            onOpen.take()?(.success(self))
        case .failure(let error):
            let state = error.sqlState.map { " (SQLSTATE \($0))" } ?? ""
            fail(
                PostgresError(
                    .notReachable,
                    "a new database connection could not be set up\(state)",
                    detail: error.detail
                )
            )
        }
    }

    /// What libpq says about the last failure. It names hosts, databases and users, never passwords.
    func notReachable() -> PostgresError {
        let words = native.map { String(cString: PQerrorMessage($0)) } ?? "out of memory"
        let line = words.split(separator: "\n").joined(separator: "; ")
        return PostgresError(.notReachable, line.isEmpty ? nil : line)
    }
}
