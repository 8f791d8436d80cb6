import WebSocket

/// Everything a server connection reports and answers for some input: the part that must not depend on cuts.
struct ConnectionRun: Equatable {
    var events: [WebSocketEvent] = []
    var error: WebSocketError?
    var output: [UInt8] = []
    var state = WebSocketConnection.State.open
    /// Bytes fed when the error came; used to check how early a fault is seen. Not part of equality.
    var bytesUntilError: Int?

    init(
        _ bytes: [UInt8],
        limits: WebSocketLimits = .default,
        messageExtension: (any MessageExtension)? = nil,
        cuts: [Int] = []
    ) {
        var connection = WebSocketConnection(limits: limits, messageExtension: messageExtension)
        var start = 0
        for end in cuts + [bytes.count] where error == nil {
            connection.receive(Array(bytes[start..<end]))
            start = end
            do throws(WebSocketError) {
                while let event = try connection.next(replyingInto: &output) { events.append(event) }
            } catch {
                self.error = error
                bytesUntilError = end
            }
        }
        state = connection.state
    }

    /// The same as a server does it: whole messages first, and a bounded number of steps at a time.
    ///
    /// - Parameter pauses: How often the steps were not enough.
    init(
        _ bytes: [UInt8],
        steps: Int,
        limits: WebSocketLimits = .default,
        messageExtension: (any MessageExtension)? = nil,
        cuts: [Int] = [],
        pauses: inout Int
    ) {
        var connection = WebSocketConnection(limits: limits, messageExtension: messageExtension)
        var start = 0
        for end in cuts + [bytes.count] where error == nil {
            var piece = Array(bytes[start..<end])
            start = end
            piece.withUnsafeMutableBytes { take($0, from: &connection, steps: steps, pauses: &pauses) }
        }
        state = connection.state
    }

    private mutating func take(
        _ piece: UnsafeMutableRawBufferPointer,
        from connection: inout WebSocketConnection,
        steps: Int,
        pauses: inout Int
    ) {
        var input = piece
        var left = steps
        do throws(WebSocketError) {
            while true {
                if let (opcode, payload) = connection.nextWhole(in: &input) {
                    events.append(opcode == .text ? .text(Array(payload)) : .binary(Array(payload)))
                    continue
                }
                var rest = UnsafeRawBufferPointer(input)
                let event = try connection.next(from: &rest, replyingInto: &output, steps: &left)
                input = UnsafeMutableRawBufferPointer(rebasing: input[(input.count - rest.count)...])
                if let event {
                    events.append(event)
                } else if left > 0 {
                    return
                } else {
                    pauses += 1
                    left = steps
                }
            }
        } catch {
            self.error = error
        }
    }

    static func == (left: ConnectionRun, right: ConnectionRun) -> Bool {
        left.events == right.events && left.error == right.error && left.output == right.output
            && left.state == right.state
    }

    /// The close code in the last frame of the output, when that is a Close frame.
    var closeCodeSent: CloseCode? {
        var client = WebSocketConnection(role: .client(nextMaskKey: { 0 }))
        client.receive(output)
        var replies: [UInt8] = []
        while let event = try? client.next(replyingInto: &replies) {
            if case .closed(let code, _, _) = event { return code }
        }
        return nil
    }
}

/// Masked frames as a client sends them.
enum Client {
    static func frame(
        _ opcode: Opcode,
        _ payload: [UInt8] = [],
        final: Bool = true,
        bits: ReservedBits = [],
        key: UInt32 = 0x1234_5678
    ) -> [UInt8] {
        var output: [UInt8] = []
        FrameEncoder.encode(
            opcode,
            payload: payload,
            isFinal: final,
            reservedBits: bits,
            maskKey: key,
            into: &output
        )
        return output
    }

    static func text(_ text: String, final: Bool = true) -> [UInt8] { frame(.text, Array(text.utf8), final: final) }

    static func more(_ text: String, final: Bool) -> [UInt8] { frame(.continuation, Array(text.utf8), final: final) }

    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> [UInt8] {
        frame(.close, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }
}
