import Server
import WebSocket

/// A session that only has to say what it does with messages.
protocol LabSession: WebSocketDelegate {
    var channel: WebSocketChannel { get }
}

extension LabSession {
    func webSocketReceived(text: Span<UInt8>) {}
    func webSocketReceived(binary: Span<UInt8>) {}
    func webSocketDrained() {}
    func webSocketDraining() { channel.close(.goingAway, reason: "") }
    func webSocketClosed() {}
}

/// Sends every message back as it came.
final class EchoSession: LabSession {
    let channel: WebSocketChannel

    init(_ channel: WebSocketChannel) { self.channel = channel }

    func webSocketReceived(text: Span<UInt8>) { channel.send(text: text) }
    func webSocketReceived(binary: Span<UInt8>) { channel.send(binary: binary) }
}

/// Listens to the topic.
final class Subscriber: LabSession {
    let channel: WebSocketChannel

    init(_ channel: WebSocketChannel, _ topic: LocalTopic) {
        self.channel = channel
        topic.join(channel)
    }
}

/// Passes every message on to the topic.
final class Publisher: LabSession {
    let channel: WebSocketChannel
    private let topic: LocalTopic

    init(_ channel: WebSocketChannel, _ topic: LocalTopic) {
        self.channel = channel
        self.topic = topic
    }

    func webSocketReceived(text: Span<UInt8>) { publish(.text, text) }
    func webSocketReceived(binary: Span<UInt8>) { publish(.binary, binary) }

    private func publish(_ opcode: Opcode, _ payload: Span<UInt8>) {
        topic.publish(OutgoingMessage(opcode, Array(copying: payload)), from: channel)
    }
}

/// Nobody is there: says so and ends.
final class UnknownPath: LabSession {
    let channel: WebSocketChannel

    init(_ channel: WebSocketChannel) {
        self.channel = channel
        channel.close(.policyViolation, reason: "There is no such path.")
    }
}
