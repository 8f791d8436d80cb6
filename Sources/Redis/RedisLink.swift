import Reactor

/// Who owns a ``RedisLink``, and is told of it on the loop.
protocol RedisLinkOwner: AnyObject {
    func linkReady(_ link: RedisLink)
    func linkMessage(_ payload: [UInt8])
    func linkEntries(_ count: Int)
    /// How many entries there is room for.
    func linkRoom() -> Int
    /// Once for each failure; the next attempt follows by itself.
    func linkFailed(_ link: RedisLink, _ error: RedisError)
}

/// One connection on a loop, made again and again until it is closed.
final class RedisLink: StreamDelegate {
    private enum State {
        case idle
        /// The name is being looked up under this token.
        case resolving(UInt64)
        case connecting(Connector)
        case open(SocketStream)
        case waiting(TimerID)
        case closed
    }

    private let role: RedisSession.Role
    private let core: RedisCore
    private unowned let registry: RedisRegistry
    /// Held, because a registry that goes closes its connections.
    private let loop: EventLoop
    weak var owner: (any RedisLinkOwner)?
    private var state = State.idle
    private var session: RedisSession
    private var reader: ReplyReader?
    private var backoff: Backoff
    private var heartbeat: TimerID?

    init(_ role: RedisSession.Role, _ core: RedisCore, registry: RedisRegistry) {
        self.role = role
        self.core = core
        self.registry = registry
        loop = registry.loop
        session = RedisSession(role, core.configuration, core.options)
        backoff = Backoff(from: core.options.shortestBackoff, to: core.options.longestBackoff)
    }

    /// Whether the connection is signed in.
    var isReady: Bool {
        if case .open = state { session.isReady } else { false }
    }

    /// Begins to connect.
    func connect() {
        switch core.configuration.place {
        case .address(let address):
            connect(to: address)
        case .name(let name, let port):
            let token = registry.resolve(name, core.blockingPool) { [weak self] token, result in
                self?.resolved(token, result, port)
            }
            state = .resolving(token)
        }
    }

    /// Ends the connection; nobody is told.
    func close() {
        letGo()
        state = .closed
    }

    /// Sends a command unless there is no room or no connection for it.
    func send(_ command: [UInt8]) {
        guard case .open(let stream) = state, session.isReady else { return core.metrics.count(.notConnected) }
        guard stream.pendingBytes + command.count <= core.options.queueBytes else {
            return core.metrics.count(.queueFull)
        }
        core.metrics.count(.sent)
        stream.write(command)
    }

    // MARK: Connecting

    private func resolved(_ token: UInt64, _ result: Result<String, RedisError>, _ port: UInt16) {
        guard case .resolving(token) = state else { return }
        switch result {
        case .success(let text):
            guard let address = SocketAddress(host: text, port: port) else {
                return fail(.notReachable("\(text) is no address"))
            }
            connect(to: address)
        case .failure(let error): fail(error)
        }
    }

    private func connect(to address: SocketAddress) {
        do throws(SystemError) {
            state = .connecting(
                try Connector(to: address, on: loop, within: core.options.connectTimeout) { [weak self] result in
                    self?.connected(result)
                }
            )
        } catch {
            fail(.notReachable(error.description))
        }
    }

    private func connected(_ result: Result<Int32, SystemError>) {
        switch result {
        case .success(let descriptor):
            session = RedisSession(role, core.configuration, core.options)
            do {
                reader = try ReplyReader(limit: core.options.replyBytes)
                let stream = try SocketStream(descriptor: descriptor, on: loop, delegate: self)
                state = .open(stream)
                stream.write(session.greeting())
                scheduleBeat()
            } catch {
                fail(.notReachable("\(error)"))
            }
        case .failure(let error): fail(.notReachable(error.description))
        }
    }

    // MARK: The stream

    func streamReceived(_ bytes: UnsafeMutableRawBufferPointer) {
        session.heard()
        reader?.feed(UnsafeRawBufferPointer(bytes))
        do throws(RedisError) {
            // Whoever is told may close this connection, and with it the reader.
            while let reply = try reader?.next() {
                if let action = session.received(reply) { perform(action) }
            }
        } catch {
            fail(error)
        }
    }

    func streamReachedEnd() { fail(.connectionLost("the server ended it")) }

    func streamDrained() {}

    func streamClosed(_ error: SystemError?) { fail(.connectionLost(error?.description ?? "the loop has ended")) }

    private func perform(_ action: RedisSession.Action) {
        switch action {
        case .send(let bytes):
            if case .open(let stream) = state { stream.write(bytes) }
        case .ready:
            core.metrics.count(.connected)
            core.metrics.moveOpen(by: 1)
            owner?.linkReady(self)
            readOn()
        case .message(let payload):
            core.metrics.count(.received)
            owner?.linkMessage(payload)
        case .entries(let count):
            if count > 0 {
                core.metrics.count(.received, count)
                owner?.linkEntries(count)
            }
            readOn()
        case .taken: break
        case .notTaken: core.metrics.count(.refused)
        case .end(let error): fail(error)
        }
    }

    /// Asks for entries as many as there is room for; without room, the next beat asks again.
    private func readOn() {
        guard case .open(let stream) = state, let room = owner?.linkRoom(), let command = session.read(upTo: room)
        else { return }
        stream.write(command)
    }

    private func scheduleBeat() {
        heartbeat = loop.schedule(after: core.options.heartbeat) { [weak self] in
            guard let self else { return }
            heartbeat = nil
            // Not before: a server that lets in and drops at once is not to be asked all the time.
            if session.isReady { backoff.reset() }
            if let action = session.beat() { perform(action) }
            readOn()
            if case .open = state { scheduleBeat() }
        }
    }

    // MARK: Failing

    private func fail(_ error: RedisError) {
        switch state {
        case .waiting, .closed: return
        case .idle, .resolving, .connecting, .open: break
        }
        letGo()
        core.metrics.count(.failed)
        state = .waiting(loop.schedule(after: backoff.next()) { [weak self] in self?.connect() })
        owner?.linkFailed(self, error)
    }

    /// Gives everything back that belongs to the present attempt or connection.
    private func letGo() {
        let old = state
        if isReady { core.metrics.moveOpen(by: -1) }
        // First, so that the stream's last call finds that it is known.
        state = .closed
        if let timer = heartbeat.take() { loop.cancel(timer) }
        reader = nil
        switch old {
        case .idle, .resolving, .closed: break
        case .connecting(let connector): connector.cancel()
        case .open(let stream): stream.abort()
        case .waiting(let timer): loop.cancel(timer)
        }
    }
}
