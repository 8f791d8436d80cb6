import Glibc
import HTTP
import HTTPTypes
import Reactor

/// One HTTP/1.1 connection: requests come in one after the other, each is answered before the next is read.
///
/// Lives on its loop. While a request is answered nothing more is parsed, and reading stops once a fair amount waits: a
/// client that pipelines faster than it is served fills its own buffers, not ours. The same holds for a client that asks
/// and asks but does not take the answers.
final class HTTPConnection: StreamDelegate, Resumable {
    /// Where the current request stands.
    enum Phase {
        /// Waiting for a head.
        case idle
        /// Collecting the content for the handler.
        case collecting
        /// The handler runs and takes the content as it comes.
        case streaming
        /// The handler runs, or its live response goes out.
        case answering
        /// Nothing more is read.
        case closing
    }

    let server: ServerState
    let worker: Worker
    let loop: EventLoop
    let peer: SocketAddress?
    private(set) var stream: SocketStream?
    var phase = Phase.idle
    var encoder = ResponseEncoder()
    /// Counts requests, so that an answer can never be given to another one.
    private(set) var number: UInt64 = 0
    /// The request being answered.
    private(set) var current: RequestHead?
    var bodyQueue = BodyQueue()
    var liveWriter: ResponseWriter?
    private var parser: RequestParser
    /// The content collected so far. Beside the phase and not inside, so that it grows in place.
    private var body: [UInt8] = []
    /// What came is not HTTP, or over a limit: the connection cannot carry another request.
    private(set) var isBroken = false
    private var isContinueOwed = false
    private var isPeerDone = false
    /// Whether there is more to read than was done; it is the others' turn.
    private var isPutOff = false
    private var pace: BodyPace
    /// Asked for once: it does not change after the handshake.
    private lazy var tlsPeer = stream?.tlsPeer
    private lazy var watchdog = Watchdog(loop: loop) { [weak self] in self?.timedOut() }

    /// Bytes that may wait unparsed before reading stops.
    private static let readAhead = 64 * 1024
    /// How long an idle connection may still bring a request when the server goes down.
    private static let lastMoment = Duration.milliseconds(100)
    /// Bytes of a streamed content that may wait for the handler.
    private static let bodyAhead = 512 * 1024
    /// Events of the parser after which it may be the others' turn: a read can hold tens of thousands of chunks.
    private static let stepsPerLook = 16

    init(
        descriptor: Int32,
        peer: SocketAddress?,
        server: ServerState,
        worker: Worker,
        loop: EventLoop
    ) throws(SystemError) {
        self.server = server
        self.worker = worker
        self.loop = loop
        self.peer = peer
        parser = RequestParser(limits: server.configuration.http)
        pace = server.pace
        let cipher: (any StreamCipher)?
        do throws(SystemError) {
            cipher = try server.configuration.tls?.cipher(on: descriptor)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        let stream = try SocketStream(descriptor: descriptor, on: loop, delegate: self, cipher: cipher)
        stream.highWater = server.configuration.writeBudget
        self.stream = stream
        stream.stallTimeout = server.configuration.stallTimeout
        watchdog.set(server.configuration.headerTimeout)
    }

    // MARK: Bytes

    func streamReceived(_ bytes: UnsafeMutableRawBufferPointer) {
        let wasBetweenRequests = phase == .idle && parser.isIdle
        parser.receive(UnsafeRawBufferPointer(bytes))
        proceed()
        // With its first byte a head has its own time. That of the first request runs since the connection's beginning,
        // unless the last moment of a server that goes down has taken its place.
        if wasBetweenRequests, number > 0 || server.isDraining, phase == .idle, !parser.isIdle {
            watchdog.set(server.configuration.headerTimeout)
        }
    }

    func streamReachedEnd() {
        isPeerDone = true
        // Nobody ends only his sending side while he listens to events.
        if liveWriter != nil { stream?.abort() } else { proceed() }
    }

    func streamDrained() {
        liveWriter?.drained()
        proceed()
    }

    func streamClosed(_ error: SystemError?) {
        phase = .closing
        stream = nil
        watchdog.stop()
        bodyQueue.fail(.disconnected)
        liveWriter.take()?.closed()
        server.remove(self)
    }

    /// Queues output.
    func write(_ bytes: [UInt8]) {
        stream?.write(bytes)
    }

    /// Ends the connection after what is queued has gone out.
    func close() {
        phase = .closing
        watchdog.clear()
        bodyQueue.fail(.disconnected)
        stream?.closeAfterFlush()
    }

    /// The server goes down: a busy connection ends after its answer, an idle one soon. Not at once, because a request may be
    /// on its way to us, which the client could not know to be lost.
    func drain() {
        if phase == .idle, parser.isIdle { watchdog.set(Self.lastMoment) }
        if liveWriter != nil { endLive(isUnwanted: true) }
    }

    /// Gives the socket away; this object is done with it. Its place in the server is the next owner's.
    func handOver() -> (stream: SocketStream, remainder: [UInt8])? {
        guard let stream = stream.take() else { return nil }
        phase = .closing
        watchdog.stop()
        bodyQueue.fail(.disconnected)
        return (stream, parser.takeRemainder())
    }

    // MARK: Requests

    /// Reads requests as far as the current phase allows.
    func proceed() {
        guard !isPutOff else { return }
        do throws(HTTPError) {
            var steps = 0
            while try step() {
                steps += 1
                guard steps.isMultiple(of: Self.stepsPerLook), loop.isShareSpent else { continue }
                isPutOff = true
                loop.resumeLater(self)
                return regulate()
            }
        } catch {
            refuse(error)
        }
        if isPeerDone { endWithPeer() }
        regulate()
    }

    /// Goes on reading requests.
    func resume() {
        isPutOff = false
        guard let stream else { return }
        stream.gather { proceed() }
    }

    /// The current response is written: the next request may come.
    func becomeIdle() {
        current = nil
        // Content that nobody read stands between this request and the next.
        let isReusable = encoder.keepsAlive && phase == .answering && !parser.isFinished && !server.isDraining
        guard isReusable else { return close() }
        phase = .idle
        awaitHead()
        proceed()
    }

    /// The handler's live response goes out from now on; no more is read for this request.
    func becomeLive(_ writer: ResponseWriter) {
        phase = .answering
        watchdog.clear()
        bodyQueue.fail(.disconnected)
        liveWriter = writer
    }

    /// The handler wants the content: a client that waits for `100 Continue` hears it now, and not when its request is
    /// answered without.
    func contentWanted() {
        guard isContinueOwed else { return }
        isContinueOwed = false
        guard phase == .streaming else { return }
        if bodyQueue.byteCount == 0 { writeContinue() }
        regulate()
    }

    /// Answers for the server itself and ends the connection.
    func refuse(_ reason: Refusal) {
        let (head, body) = server.handler.refusal(reason, of: current)
        respond(head, body, closing: true)
    }

    private func refuse(_ error: HTTPError) {
        isBroken = true
        guard phase == .streaming else { return refuse(.invalid(error)) }
        // A handler that reads the content hears of the error there and answers itself.
        phase = .answering
        watchdog.clear()
        bodyQueue.fail(.invalid(error))
    }

    private func step() throws(HTTPError) -> Bool {
        switch phase {
        case .answering, .closing: return false
        case .idle: if isOutputFull { return false }
        case .collecting, .streaming: break
        }
        guard let event = try parser.next() else { return false }
        switch event {
        case .head(let head): begin(head)
        case .body(let bytes):
            pace.received(bytes.count, at: loop.now)
            if phase == .streaming { bodyQueue.add(bytes) } else { body += bytes }
        case .end:
            let isCollected = phase == .collecting
            phase = .answering
            watchdog.clear()
            if isCollected { answer(content: body, stream: nil) } else { bodyQueue.finish() }
            body = []
        }
        return true
    }

    private func begin(_ head: RequestHead) {
        number += 1
        current = head
        body = []
        watchdog.clear()
        switch server.handler.plan(for: head) {
        case .collect(let limit):
            parser.setBodyLimit(limit)
            phase = .collecting
            awaitBody()
            if head.expectsContinue, head.framing.fits(limit) { writeContinue() }
        case .stream(let limit):
            guard let channel = stream?.id else { return }
            parser.setBodyLimit(limit)
            phase = .streaming
            bodyQueue = BodyQueue()
            isContinueOwed = head.expectsContinue && head.framing.fits(limit)
            answer(content: [], stream: RequestBody(worker: worker, channel: channel, number: number))
        }
    }

    private func answer(content: [UInt8], stream body: RequestBody?) {
        guard let channel = stream?.id, let current else { return }
        let request = Request(
            head: current,
            body: content,
            stream: body,
            peer: peer,
            tls: tlsPeer,
            worker: worker
        )
        let handler = server.handler
        let worker = self.worker
        let number = self.number
        worker.spawn {
            let response = await handler.respond(to: request)
            await worker.send(response, to: channel, number)
        }
    }

    private func writeContinue() {
        var interim: [UInt8] = []
        // Fails for fields that cannot be sent only, and there are none.
        try? encoder.writeInformational(ResponseHead(status: .continue), into: &interim)
        write(interim)
    }

    /// The peer sends no more: whole requests are still answered, half a one is nothing.
    private func endWithPeer() {
        switch phase {
        case .idle where isOutputFull && !parser.isIdle: break
        case .idle, .collecting, .streaming: close()
        case .answering, .closing: break
        }
    }

    // MARK: Limits

    /// The peer does not take its answers; it gets no new ones before it does.
    private var isOutputFull: Bool { (stream?.pendingBytes ?? 0) >= server.configuration.writeBudget }

    /// Reads on while there is room for more. While there is none, waiting is not the peer's fault.
    private func regulate() {
        let hasRoom =
            switch phase {
            case .streaming: bodyQueue.byteCount < Self.bodyAhead
            case .idle: !isOutputFull
            case .collecting, .answering, .closing: true
            }
        stream?.setReading(!isPeerDone && !isPutOff && hasRoom && parser.bufferedBytes < Self.readAhead)
        guard phase == .streaming || phase == .idle else { return }
        // A client that was not yet told to continue waits for us, too.
        if !hasRoom || (isContinueOwed && phase == .streaming) {
            watchdog.clear()
        } else if !watchdog.isSet {
            if phase == .streaming { awaitBody() } else { awaitHead() }
        }
    }

    private func awaitBody() {
        pace.begin(at: loop.now)
        watchdog.set(pace.next(at: loop.now))
    }

    private func awaitHead() {
        watchdog.set(parser.isIdle ? server.configuration.idleTimeout : server.configuration.headerTimeout)
    }

    private func timedOut() {
        // Before the handshake is done there is nobody to whom an answer could be given.
        guard stream?.isEstablished == true else {
            stream?.abort()
            return
        }
        if isPutOff {
            // It is not the peer who lets us wait.
            pace.begin(at: loop.now)
            return watchdog.set(pace.next(at: loop.now))
        }
        switch phase {
        case .idle where parser.isIdle: close()
        case .idle: refuse(.timeout(ReachedLimit(.headerTimeout, server.configuration.headerTimeout)))
        case .collecting, .streaming:
            if let limit = pace.check(at: loop.now) { return refuse(.timeout(limit)) }
            watchdog.set(pace.next(at: loop.now))
        case .answering, .closing: break
        }
    }
}

extension BodyFraming {
    /// Whether content that is announced so may be within `limit` bytes.
    fileprivate func fits(_ limit: Int) -> Bool {
        switch self {
        case .fixed(let length): length <= limit
        case .none, .chunked: true
        }
    }
}
