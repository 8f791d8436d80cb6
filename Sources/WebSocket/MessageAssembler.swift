/// Joins fragments to messages (RFC 6455 §5.4): order, sizes, extensions, UTF-8.
struct MessageAssembler {
    private struct Message {
        let isText: Bool
        let isEncoded: Bool
        var fragments = 1
        /// Payload bytes announced so far, before extensions decode them.
        var announced: Int
    }

    let limits: WebSocketLimits
    private let messageExtension: (any MessageExtension)?
    private var current: Message?
    private var bytes: [UInt8] = []
    /// Payload that has arrived and is not decoded yet.
    private var undecoded: [UInt8] = []
    /// Whether the work allowed was not enough to decode all that has arrived.
    private(set) var isBehind = false
    private var utf8 = UTF8Validator()

    init(limits: WebSocketLimits, messageExtension: (any MessageExtension)?) {
        self.limits = limits
        self.messageExtension = messageExtension
    }

    /// Whether no message has begun.
    var isIdle: Bool { current == nil }

    /// Judges the header of a data frame before any of its payload is kept.
    mutating func begin(_ header: FrameHeader) throws(WebSocketError) {
        let isFirst = header.opcode != .continuation
        if isFirst, current != nil { throw .protocolViolation(.expectedContinuation) }
        if !isFirst, current == nil { throw .protocolViolation(.unexpectedContinuation) }
        let allowed = isFirst ? messageExtension?.reservedBits ?? [] : []
        if !header.reservedBits.isSubset(of: allowed) { throw .protocolViolation(.reservedBits) }
        if header.length > limits.frameBytes { throw .limitExceeded(.frameBytes, limit: limits.frameBytes) }

        var message =
            current
            ?? Message(
                isText: header.opcode == .text,
                isEncoded: !header.reservedBits.isEmpty,
                fragments: 0,
                announced: 0
            )
        if message.fragments >= limits.fragments { throw .limitExceeded(.fragments, limit: limits.fragments) }
        // An encoded payload may grow as well as shrink; its decoded size is bounded where it is decoded.
        if header.length > limits.messageBytes - message.announced {
            throw .limitExceeded(.messageBytes, limit: limits.messageBytes)
        }
        message.fragments += 1
        message.announced += header.length
        current = message
    }

    /// Takes the payload that has arrived; UTF-8 is judged at once, not at the end of frame or message.
    ///
    /// - Parameter steps: What may be decoded, see ``WebSocketConnection/next(from:replyingInto:steps:)``. Where it was not
    ///   enough, ``isBehind`` is true, and this is to be called again before anything else.
    mutating func append(
        from decoder: inout FrameDecoder,
        _ input: inout UnsafeRawBufferPointer,
        isFinal: Bool,
        steps: inout Int
    ) throws(WebSocketError) {
        guard let message = current else { return }
        let start = bytes.count
        if message.isEncoded, let messageExtension {
            try decode(from: &decoder, &input, isFinal: isFinal, steps: &steps, messageExtension)
        } else {
            _ = decoder.readPayload(from: &input, into: &bytes)
        }
        try checkText(from: start)
    }

    private mutating func decode(
        from decoder: inout FrameDecoder,
        _ input: inout UnsafeRawBufferPointer,
        isFinal: Bool,
        steps: inout Int,
        _ messageExtension: any MessageExtension
    ) throws(WebSocketError) {
        if !isBehind { _ = decoder.readPayload(from: &input, into: &undecoded) }
        let isLast = isFinal && decoder.payloadRemaining == 0
        if undecoded.isEmpty, !isLast, !isBehind { return }
        let start = bytes.count
        let limit = limits.messageBytes
        let (share, isUnbounded) = max(1, steps).multipliedReportingOverflow(by: WebSocketConnection.bytesPerStep)
        do throws(WebSocketError) {
            let rest = try undecoded.withUnsafeBufferPointer { (piece) throws(WebSocketError) in
                var piece = UnsafeRawBufferPointer(piece)
                isBehind = try !messageExtension.decode(
                    &piece,
                    isLast: isLast,
                    into: &bytes,
                    limit: limit,
                    share: isUnbounded ? .max : share
                )
                return piece.count
            }
            let work = (undecoded.count - rest) * WebSocketConnection.encodedByteCost + bytes.count - start
            steps -= work / WebSocketConnection.bytesPerStep
            if rest == 0 { undecoded = [] } else { undecoded.removeFirst(undecoded.count - rest) }
        } catch {
            // What came out before the fault is judged first, as it would have been had it arrived by itself.
            if bytes.count > limit { bytes.removeLast(bytes.count - limit) }
            try checkText(from: start)
            throw error
        }
    }

    /// Judges the bytes of a text message that have come since `start`.
    private mutating func checkText(from start: Int) throws(WebSocketError) {
        guard current?.isText == true else { return }
        let isValid = bytes.withUnsafeBytes { utf8.accept(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        if !isValid { throw .invalidUTF8 }
    }

    /// Ends the message with its last frame.
    mutating func finish() throws(WebSocketError) -> WebSocketEvent? {
        guard let message = current else { return nil }
        if message.isText, !utf8.isComplete { throw .invalidUTF8 }
        let whole = bytes
        bytes = []
        current = nil
        return message.isText ? .text(whole) : .binary(whole)
    }

    /// Gives back the memory of an unfinished message.
    mutating func removeAll() {
        current = nil
        bytes = []
        undecoded = []
        isBehind = false
    }
}
