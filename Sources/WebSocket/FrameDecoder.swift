internal import HTTP

/// Cuts a byte stream into frame headers and unmasked payload (RFC 6455 §5), incrementally and without I/O.
///
/// After ``nextHeader()`` has returned a header, its payload is read with ``readPayload(into:)`` until
/// ``payloadRemaining`` is zero; then the next header can be read. The payload is never gathered here, so a header that
/// promises too much can be refused before it costs memory.
public struct FrameDecoder: Sendable {
    private var input = ByteQueue()
    private let expectsMask: Bool
    private var maskKey: UInt32 = 0
    private var payloadOffset = 0

    /// Payload bytes of the current frame not yet read.
    public private(set) var payloadRemaining = 0

    /// Creates a decoder. `expectsMask` is true on the server, whose peers must mask (RFC 6455 §5.1).
    public init(expectsMask: Bool) {
        self.expectsMask = expectsMask
    }

    /// Bytes received and not yet read.
    public var bufferedBytes: Int { input.count }

    /// Whether the rest of the current frame's payload has arrived.
    public var hasWholePayload: Bool { input.count >= payloadRemaining }

    /// Appends what the peer sent. Copies `bytes`.
    public mutating func receive(_ bytes: UnsafeRawBufferPointer) {
        input.append(bytes)
    }

    /// The next frame's header, or nil when it has not arrived.
    ///
    /// Requires that the payload before it was read. Rules that need the state of a message are the caller's.
    /// - Throws: ``WebSocketError/protocolViolation(_:)``.
    public mutating func nextHeader() throws(WebSocketError) -> FrameHeader? {
        precondition(payloadRemaining == 0, "the payload of the current frame was not read")
        let parsed = try input.withBytes { (bytes) throws(WebSocketError) in
            try FrameHeader.parse(bytes, expectsMask: expectsMask)
        }
        guard let (header, size) = parsed else { return nil }
        input.consume(size)
        maskKey = header.maskKey ?? 0
        payloadOffset = 0
        payloadRemaining = header.length
        return header
    }

    /// Appends the payload bytes that have arrived, unmasked, and returns how many.
    public mutating func readPayload(into payload: inout [UInt8]) -> Int {
        let amount = min(payloadRemaining, input.count)
        if amount == 0 { return 0 }
        let start = payload.count
        input.withUnsafeBytes { payload.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0.prefix(amount))) }
        input.consume(amount)
        payload.withUnsafeMutableBytes { bytes in
            Masking.apply(
                key: maskKey,
                offset: payloadOffset,
                to: UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
            )
        }
        payloadOffset += amount
        payloadRemaining -= amount
        return amount
    }

    /// Forgets everything received.
    mutating func removeAll() {
        input.removeAll()
        payloadRemaining = 0
    }
}
