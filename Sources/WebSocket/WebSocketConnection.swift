internal import HTTP

/// One established WebSocket connection as a state machine without I/O (RFC 6455 §5–§7).
///
/// Call ``next(from:replyingInto:)`` with what arrived until it returns nil, and send what was appended to the output.
/// Events depend only on the bytes, never on how they were cut; whatever is good before a bad frame is reported before
/// the error. Who has no buffer to lend keeps the bytes here: ``receive(_:)-(UnsafeRawBufferPointer)``, then
/// ``next(replyingInto:)``.
///
/// Not `Sendable`, because an extension need not be: it lives in its worker.
public struct WebSocketConnection {
    /// Which end of the connection this is.
    public enum Role {
        /// Receives masked frames and sends unmasked ones.
        case server
        /// The other way round; for tests and tools. The closure yields an unpredictable key for each frame.
        case client(nextMaskKey: () -> UInt32)
    }

    /// The closing handshake (RFC 6455 §7.1).
    public enum State: Sendable, Equatable {
        /// Both sides may send.
        case open
        /// We sent Close and wait for the peer's. Data that still arrives is dropped.
        case closing
        /// Nothing may be sent or received any more; what was written is still to be flushed.
        case closed
    }

    /// Where the closing handshake stands.
    public private(set) var state = State.open
    /// Frames the peer has begun, of any kind; wraps around.
    public private(set) var frameCount: UInt32 = 0

    /// Decoded bytes that count as one step, see ``next(from:replyingInto:steps:)``.
    public static let bytesPerStep = 4 * 1024
    /// As how many decoded bytes an encoded one counts: a block of twelve bytes that holds nothing but its own code takes as
    /// long as a kilobyte of zeros.
    public static let encodedByteCost = 16

    private let role: Role
    private let expectsMask: Bool
    private let messageExtension: (any MessageExtension)?
    private var decoder: FrameDecoder
    private var assembler: MessageAssembler
    private var header: FrameHeader?
    private var controlPayload: [UInt8] = []
    private var kept = ByteQueue()
    private var failure: WebSocketError?

    /// Creates a connection whose opening handshake is done.
    ///
    /// - Parameter messageExtension: The negotiated extension; without one all reserved bits are refused.
    public init(
        role: Role = .server,
        limits: WebSocketLimits = .default,
        messageExtension: (any MessageExtension)? = nil
    ) {
        self.role = role
        self.messageExtension = messageExtension
        self.assembler = MessageAssembler(limits: limits, messageExtension: messageExtension)
        switch role {
        case .server: expectsMask = true
        case .client: expectsMask = false
        }
        decoder = FrameDecoder(expectsMask: expectsMask)
    }

    /// Keeps what the peer sent until it is read by ``next(replyingInto:)``. Copies `bytes`; ignored once closed.
    public mutating func receive(_ bytes: UnsafeRawBufferPointer) {
        if state != .closed { kept.append(bytes) }
    }

    /// Keeps what the peer sent. See ``receive(_:)-(UnsafeRawBufferPointer)``.
    public mutating func receive(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { receive($0) }
    }

    /// The next event in what was kept. See ``next(from:replyingInto:)``.
    public mutating func next(replyingInto output: inout [UInt8]) throws(WebSocketError) -> WebSocketEvent? {
        let bytes = kept.take(kept.count)
        // The rest is kept again, also behind an error: the connection is closed then, and keeps nothing.
        return try bytes.withUnsafeBufferPointer { (buffer) throws(WebSocketError) in
            var input = UnsafeRawBufferPointer(buffer)
            defer { receive(input) }
            return try next(from: &input, replyingInto: &output)
        }
    }

    /// The next event, or nil when more bytes are needed or the connection is closed; all of `input` was taken then.
    ///
    /// Pongs and the answer to a Close are appended to `output`, in the order of the frames they answer.
    /// - Parameter input: What has arrived; the bytes that were read are removed from its front.
    /// - Throws: ``WebSocketError``, the same from then on. A Close frame with its ``WebSocketError/closeCode`` was
    ///   appended unless one was sent before: flush, then close the socket.
    public mutating func next(
        from input: inout UnsafeRawBufferPointer,
        replyingInto output: inout [UInt8]
    ) throws(WebSocketError) -> WebSocketEvent? {
        var steps = Int.max
        return try next(from: &input, replyingInto: &output, steps: &steps)
    }

    /// The next event after a bounded amount of work: thousands of frames may make no event, and a thousand bytes may
    /// inflate to a million. Otherwise as ``next(from:replyingInto:)``.
    ///
    /// - Parameter steps: How much to do at most. Each frame takes one off, and so do each ``bytesPerStep`` bytes of an
    ///   extension's work. Where nothing is left of it when nil is returned, there may be more: call again.
    public mutating func next(
        from input: inout UnsafeRawBufferPointer,
        replyingInto output: inout [UInt8],
        steps: inout Int
    ) throws(WebSocketError) -> WebSocketEvent? {
        if let failure { throw failure }
        do throws(WebSocketError) {
            return try advance(&input, &output, &steps)
        } catch {
            failure = error
            if state == .open {
                append(.close, FrameEncoder.closePayload(error.closeCode, reason: error.description), to: &output)
            }
            finish()
            throw error
        }
    }

    /// The next event, where it is a message that stands whole in `input`, as most do: without extension, in one frame of
    /// less than 64 KiB. Nil for anything else, and then nothing has changed: ``next(from:replyingInto:steps:)`` tells.
    ///
    /// - Parameter input: What has arrived; the frame is removed from its front.
    /// - Returns: ``Opcode/text`` or ``Opcode/binary``, and the payload, unmasked where it is in `input`.
    public mutating func nextWhole(
        in input: inout UnsafeMutableRawBufferPointer
    ) -> (opcode: Opcode, payload: UnsafeMutableRawBufferPointer)? {
        guard state == .open, header == nil, assembler.isIdle, decoder.isBetweenFrames,
            let frame = WholeFrame(input, expectsMask: expectsMask),
            frame.length <= min(assembler.limits.frameBytes, assembler.limits.messageBytes)
        else { return nil }
        let end = frame.headSize + frame.length
        let payload = UnsafeMutableRawBufferPointer(rebasing: input[frame.headSize..<end])
        Masking.apply(key: frame.maskKey, offset: 0, to: payload)
        if frame.opcode == .text, !UTF8Validator.isValid(UnsafeRawBufferPointer(payload)) {
            // The slow way reports it, and wants it as it was.
            Masking.apply(key: frame.maskKey, offset: 0, to: payload)
            return nil
        }
        frameCount &+= 1
        input = UnsafeMutableRawBufferPointer(rebasing: input[end...])
        return (frame.opcode, payload)
    }

    /// Sends a text message. `text` must be UTF-8.
    /// - Throws: ``WebSocketError/notOpen``.
    public mutating func sendText(_ text: [UInt8], into output: inout [UInt8]) throws(WebSocketError) {
        try send(.text, text, into: &output)
    }

    /// Sends a binary message.
    /// - Throws: ``WebSocketError/notOpen``.
    public mutating func sendBinary(_ bytes: [UInt8], into output: inout [UInt8]) throws(WebSocketError) {
        try send(.binary, bytes, into: &output)
    }

    /// Sends a ping; the peer answers with a pong of the same payload.
    /// - Parameter payload: At most 125 bytes (RFC 6455 §5.5).
    /// - Throws: ``WebSocketError/notOpen``, ``WebSocketError/invalidArgument(_:)``.
    public mutating func sendPing(_ payload: [UInt8] = [], into output: inout [UInt8]) throws(WebSocketError) {
        guard state == .open else { throw .notOpen }
        guard payload.count <= 125 else { throw .invalidArgument(.controlPayload) }
        append(.ping, payload, to: &output)
    }

    /// Begins the closing handshake (RFC 6455 §7.1.2). Nothing can be sent afterwards; ``next(replyingInto:)`` reports
    /// ``WebSocketEvent/closed(code:reason:initiatedLocally:)`` when the peer has answered. Bounding that wait is the
    /// caller's duty.
    ///
    /// - Parameter reason: Cut at a character boundary to 123 bytes of UTF-8.
    /// - Throws: ``WebSocketError/notOpen``, ``WebSocketError/invalidArgument(_:)`` for a code that may not be sent.
    public mutating func close(
        _ code: CloseCode = .normal,
        reason: String = "",
        into output: inout [UInt8]
    ) throws(WebSocketError) {
        guard state == .open else { throw .notOpen }
        guard code.isSendable else { throw .invalidArgument(.closeCode) }
        append(.close, FrameEncoder.closePayload(code, reason: reason), to: &output)
        state = .closing
        assembler.removeAll()
    }

    private mutating func send(
        _ opcode: Opcode,
        _ payload: [UInt8],
        into output: inout [UInt8]
    ) throws(WebSocketError) {
        guard state == .open else { throw .notOpen }
        if let messageExtension, let encoded = payload.withUnsafeBytes({ messageExtension.encode($0) }) {
            append(opcode, encoded, reservedBits: messageExtension.reservedBits, to: &output)
        } else {
            append(opcode, payload, to: &output)
        }
    }

    private func append(
        _ opcode: Opcode,
        _ payload: [UInt8],
        reservedBits: ReservedBits = [],
        to output: inout [UInt8]
    ) {
        let maskKey: UInt32?
        switch role {
        case .server: maskKey = nil
        case .client(let nextMaskKey): maskKey = nextMaskKey()
        }
        FrameEncoder.encode(opcode, payload: payload, reservedBits: reservedBits, maskKey: maskKey, into: &output)
    }

    private mutating func advance(
        _ input: inout UnsafeRawBufferPointer,
        _ output: inout [UInt8],
        _ steps: inout Int
    ) throws(WebSocketError) -> WebSocketEvent? {
        while state != .closed {
            if header == nil {
                guard steps > 0 else { return nil }
                header = try beginFrame(&input)
                if header != nil { steps -= 1 }
            }
            guard let current = header else { return nil }
            if current.opcode.isControl {
                _ = decoder.readPayload(from: &input, into: &controlPayload)
                guard decoder.payloadRemaining == 0 else { return nil }
                header = nil
                if let event = try control(current.opcode, &output) { return event }
            } else if state == .closing {
                // Nobody will hear of it: it costs neither memory nor decoding.
                decoder.skipPayload(from: &input)
                guard decoder.payloadRemaining == 0 else { return nil }
                header = nil
            } else {
                try assembler.append(from: &decoder, &input, isFinal: current.isFinal, steps: &steps)
                if assembler.isBehind { return nil }
                guard decoder.payloadRemaining == 0 else {
                    if input.isEmpty { return nil }
                    continue
                }
                header = nil
                guard current.isFinal, let event = try assembler.finish() else { continue }
                if state == .open { return event }
            }
        }
        input = UnsafeRawBufferPointer(rebasing: input[input.count...])
        return nil
    }

    private mutating func beginFrame(_ input: inout UnsafeRawBufferPointer) throws(WebSocketError) -> FrameHeader? {
        guard let next = try decoder.nextHeader(from: &input) else { return nil }
        frameCount &+= 1
        if !next.opcode.isControl {
            if state == .open { try assembler.begin(next) }
        } else if !next.reservedBits.isEmpty {
            throw .protocolViolation(.reservedBits)
        }
        return next
    }

    private mutating func control(_ opcode: Opcode, _ output: inout [UInt8]) throws(WebSocketError) -> WebSocketEvent? {
        let payload = controlPayload
        controlPayload = []
        switch opcode {
        case .close: return try closeReceived(payload, &output)
        case .ping:
            guard state == .open else { return nil }
            append(.pong, payload, to: &output)
            return .ping(payload)
        case .pong: return .pong(payload)
        case .continuation, .text, .binary: return nil
        }
    }

    private mutating func closeReceived(
        _ payload: [UInt8],
        _ output: inout [UInt8]
    ) throws(WebSocketError) -> WebSocketEvent {
        let (code, reason) = try CloseFrame.parse(payload)
        let initiatedLocally = state == .closing
        if !initiatedLocally { append(.close, FrameEncoder.closePayload(code, reason: ""), to: &output) }
        finish()
        return .closed(code: code, reason: reason, initiatedLocally: initiatedLocally)
    }

    private mutating func finish() {
        state = .closed
        header = nil
        controlPayload = []
        kept.removeAll()
        decoder.removeAll()
        assembler.removeAll()
    }
}
