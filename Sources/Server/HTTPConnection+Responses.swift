import HTTP
import HTTPTypes
import Logging
import Reactor
import WebSocket

extension HTTPConnection {
    /// Sends a whole response to the current request; `closing` ends the connection after it.
    func respond(_ head: ResponseHead, _ body: [UInt8], closing: Bool = false) {
        let isWritten = encode { output throws(HTTPError) in
            try encoder.respond(
                head,
                body: body,
                to: current,
                closing: closing || server.isDraining || isBroken || phase == .streaming,
                date: server.date(at: loop.now),
                into: &output
            )
        }
        if isWritten { becomeIdle() }
    }

    /// Sends the head of a response whose body is written as it comes to be.
    func beginLive(_ head: ResponseHead) -> ResponseWriter? {
        let isWritten = encode { output throws(HTTPError) in
            try encoder.begin(
                head,
                body: .stream,
                to: current,
                closing: true,
                date: server.date(at: loop.now),
                into: &output
            )
        }
        guard isWritten else { return nil }
        let writer = ResponseWriter(self)
        becomeLive(writer)
        return writer
    }

    /// Sends the 101 response, with what the server agrees to of the client's offers, and makes the connection a WebSocket.
    func becomeWebSocket(
        _ head: ResponseHead,
        _ offers: [ExtensionOffer]
    ) -> (channel: WebSocketChannel, remainder: [UInt8])? {
        var head = head
        var deflate: PerMessageDeflate?
        if let pool = server.deflatePool, let agreed = pool.negotiate(offers) {
            head.headers[.secWebSocketExtensions] = agreed.answer.fieldValue
            deflate = PerMessageDeflate(agreed.parameters, pool: pool)
        }
        let isWritten = encode { output throws(HTTPError) in try encoder.writeInformational(head, into: &output) }
        guard isWritten, let (stream, remainder) = handOver() else { return nil }
        let channel = WebSocketChannel(stream: stream, server: server, deflate: deflate)
        stream.delegate = channel
        server.add(channel, replacing: self)
        return (channel, remainder)
    }

    func writeLive(_ bytes: [UInt8]) -> Bool {
        guard let stream, liveWriter != nil else { return false }
        var output: [UInt8] = []
        do { try encoder.write(bytes, into: &output) } catch { return false }
        write(output)
        return stream.pendingBytes < server.configuration.writeBudget
    }

    /// Ends the live response as its encoding wants it, so that the peer can tell it from a cut connection.
    ///
    /// - Parameter isUnwanted: The writer did not ask for it and is told.
    func endLive(isUnwanted: Bool) {
        guard let writer = liveWriter.take() else { return }
        var output: [UInt8] = []
        do { try encoder.end(into: &output) } catch { stream?.abort() }
        write(output)
        close()
        if isUnwanted { writer.closed() } else { writer.ended() }
    }

    /// Whether the handler's answer can still be given.
    var isAnswerAwaited: Bool { phase == .streaming || phase == .answering }

    /// Whether the current request is answered without content.
    var isHeadOnly: Bool { current?.method == .head }

    /// A response that cannot be encoded is our own fault; the peer learns of it by the close.
    private func encode(_ body: (inout [UInt8]) throws(HTTPError) -> Void) -> Bool {
        var output: [UInt8] = []
        do throws(HTTPError) {
            try body(&output)
        } catch {
            server.configuration.logger.error("A response could not be encoded: \(error)")
            stream?.abort()
            return false
        }
        write(output)
        return true
    }
}

extension Worker {
    /// Sends a handler's answer, provided that its request is still the current one.
    func send(_ response: Response, to channel: ChannelID, _ number: UInt64) {
        guard let connection = httpConnection(channel, number), connection.isAnswerAwaited else { return }
        let head = ResponseHead(status: response.status, headers: response.headers)
        switch response.body {
        case .bytes(let bytes):
            connection.respond(head, bytes)
        case .live(let begin):
            guard let writer = connection.beginLive(head) else { return }
            begin(self, writer)
            // Neither has anything more to send: the answer to a HEAD, and that of a server that goes down.
            if connection.isHeadOnly || connection.server.isDraining { connection.endLive(isUnwanted: true) }
        case .webSocket(let upgrade):
            guard let (socket, remainder) = connection.becomeWebSocket(head, upgrade.offers) else { return }
            socket.begin(upgrade.accept(self, socket), remainder: remainder)
            if connection.server.isDraining { socket.drain() }
        }
    }

    func nextBodyPiece(_ channel: ChannelID, _ number: UInt64) async throws(BodyError) -> [UInt8]? {
        guard let connection = httpConnection(channel, number) else { throw .disconnected }
        connection.contentWanted()
        let piece = await withCheckedContinuation { connection.bodyQueue.take($0) }
        // There may be room for more now. Looked up again: the connection may have gone on without us.
        httpConnection(channel, number)?.proceed()
        return try piece.get()
    }

    private func httpConnection(_ channel: ChannelID, _ number: UInt64) -> HTTPConnection? {
        guard let stream = loop.handler(for: channel) as? SocketStream,
            let connection = stream.delegate as? HTTPConnection, connection.number == number
        else { return nil }
        return connection
    }
}
