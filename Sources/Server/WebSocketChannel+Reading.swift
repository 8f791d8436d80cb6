public import Reactor
import WebSocket

/// Messages from the peer, as many at a time as leave the others their turn.
extension WebSocketChannel: Resumable {
    /// What one turn was not enough for.
    final class Backlog {
        var input: [UInt8]
        /// Bytes of ``input`` that are read.
        var offset = 0
        /// What comes before the input.
        var message: WebSocketEvent?

        init(input: [UInt8], message: WebSocketEvent?) {
            self.input = input
            self.message = message
        }
    }

    /// Where reading stopped for the sake of the others.
    private struct Pause {
        /// The message that was read last, if it is still to be delivered.
        var message: WebSocketEvent?
    }

    /// Frames, or as many pieces of a message, that one connection is served before it may be the others' turn.
    private static let stepsPerLook = 8
    /// A message above this size waits until there is time: what its session does with so much may take long.
    private static let largeMessage = 16 * 1024

    /// Takes bytes from the peer.
    public func streamReceived(_ bytes: UnsafeMutableRawBufferPointer) {
        if let backlog {
            backlog.input.append(contentsOf: bytes)
        } else {
            var input = bytes
            if let pause = readMessages(&input) { goOnLater(Backlog(input: Array(input), message: pause.message)) }
        }
        regulate()
    }

    /// Goes on with what one turn was not enough for.
    public func resume() { stream.gather { readBacklog() } }

    private func readBacklog() {
        guard !isClosed, let backlog = backlog.take() else { return }
        if let message = backlog.message.take(), connection.state == .open { deliver(message) }
        let pause = backlog.input.withUnsafeMutableBytes { bytes in
            var input = UnsafeMutableRawBufferPointer(rebasing: bytes[backlog.offset...])
            let pause = readMessages(&input)
            backlog.offset = bytes.count - input.count
            return pause
        }
        if let pause {
            backlog.message = pause.message
            goOnLater(backlog)
        }
        regulate()
    }

    private func goOnLater(_ backlog: Backlog) {
        guard !isClosed else { return }
        self.backlog = backlog
        stream.loop.resumeLater(self)
    }

    /// Reads until all is read (then nil is returned), or it is the others' turn.
    private func readMessages(_ input: inout UnsafeMutableRawBufferPointer) -> Pause? {
        var steps = Self.stepsPerLook
        // What is small needs no clock: its visit is cut as soon as the turn is long.
        let begin = input.count < Self.largeMessage ? 0 : stream.loop.currentTime
        while !isClosed {
            if steps <= 0 {
                if stream.loop.isShareSpent(since: begin) { return Pause() }
                steps = Self.stepsPerLook
            }
            if let (opcode, payload) = connection.nextWhole(in: &input) {
                keepPace()
                if mustWait(payload.count, begin) {
                    return Pause(message: opcode == .text ? .text(Array(payload)) : .binary(Array(payload)))
                }
                steps -= 1 + payload.count / WebSocketConnection.bytesPerStep
                deliver(opcode, UnsafeBufferPointer(payload.bindMemory(to: UInt8.self)).span)
                if input.isEmpty { return nil }
            } else if let event = readEvent(&input, &steps) {
                if mustWait(event.messageSize, begin) { return Pause(message: event) }
                steps -= event.messageSize / WebSocketConnection.bytesPerStep
                deliver(event)
                // Behind an event nothing is begun. Without one, the input may be all read and not all decoded.
                if input.isEmpty { return nil }
            } else if steps > 0 {
                return nil
            }
        }
        return nil
    }

    /// The next event; nil when all is read or broken, or, with no steps left, when there may be more.
    private func readEvent(_ input: inout UnsafeMutableRawBufferPointer, _ steps: inout Int) -> WebSocketEvent? {
        var output: [UInt8] = []
        var rest = UnsafeRawBufferPointer(input)
        defer { input = UnsafeMutableRawBufferPointer(rebasing: input[(input.count - rest.count)...]) }
        do throws(WebSocketError) {
            let event = try connection.next(from: &rest, replyingInto: &output, steps: &steps)
            // Before the session hears of it: it may close, and nothing may follow a Close frame.
            stream.write(output)
            keepPace()
            return event
        } catch {
            stream.write(output)
            end()
            steps = 1
            return nil
        }
    }

    private func mustWait(_ messageSize: Int, _ begin: UInt64) -> Bool {
        messageSize > Self.largeMessage && stream.loop.isShareSpent(since: begin)
    }

    private func deliver(_ opcode: Opcode, _ payload: Span<UInt8>) {
        if opcode == .text {
            delegate?.webSocketReceived(text: payload)
        } else {
            delegate?.webSocketReceived(binary: payload)
        }
    }

    private func deliver(_ event: WebSocketEvent) {
        switch event {
        case .text(let text): deliver(.text, text.span)
        case .binary(let bytes): deliver(.binary, bytes.span)
        case .ping: break
        case .pong: pongReceived()
        case .closed: end()
        }
    }
}
