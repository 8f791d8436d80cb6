/// Cuts a byte stream into frame headers and unmasked payload (RFC 6455 §5), incrementally and without I/O.
///
/// Bytes are taken from the front of a buffer the caller lends. After ``nextHeader(from:)`` has returned a header, its
/// payload is read with ``readPayload(from:into:)`` until ``payloadRemaining`` is zero; then the next header can be read.
/// Only the beginning of a header is ever kept here, so a header that promises too much can be refused before it costs
/// memory.
public struct FrameDecoder: Sendable {
    private let expectsMask: Bool
    private var maskKey: UInt32 = 0
    private var payloadOffset = 0
    /// The beginning of a header whose rest has not arrived.
    private var partialHeader: [UInt8] = []

    /// Payload bytes of the current frame not yet read.
    public private(set) var payloadRemaining = 0

    /// Creates a decoder. `expectsMask` is true on the server, whose peers must mask (RFC 6455 §5.1).
    public init(expectsMask: Bool) {
        self.expectsMask = expectsMask
    }

    /// Whether what comes next is a frame's first byte.
    var isBetweenFrames: Bool { payloadRemaining == 0 && partialHeader.isEmpty }

    /// The next frame's header, or nil when it has not arrived; all of `input` was taken then.
    ///
    /// Requires that the payload before it was read. Rules that need the state of a message are the caller's.
    /// - Throws: ``WebSocketError/protocolViolation(_:)``.
    public mutating func nextHeader(from input: inout UnsafeRawBufferPointer) throws(WebSocketError) -> FrameHeader? {
        precondition(payloadRemaining == 0, "the payload of the current frame was not read")
        if input.isEmpty { return nil }
        guard partialHeader.isEmpty else { return try resumeHeader(&input) }
        guard let (header, size) = try FrameHeader.parse(input, expectsMask: expectsMask) else {
            partialHeader = Array(input)
            input = UnsafeRawBufferPointer(rebasing: input[input.count...])
            return nil
        }
        input = UnsafeRawBufferPointer(rebasing: input[size...])
        begin(header)
        return header
    }

    private mutating func resumeHeader(_ input: inout UnsafeRawBufferPointer) throws(WebSocketError) -> FrameHeader? {
        let before = partialHeader.count
        let added = min(input.count, FrameHeader.maximumSize - before)
        partialHeader.append(contentsOf: input[..<added])
        let parsed = try partialHeader.withUnsafeBufferPointer { (bytes) throws(WebSocketError) in
            try FrameHeader.parse(UnsafeRawBufferPointer(bytes), expectsMask: expectsMask)
        }
        input = UnsafeRawBufferPointer(rebasing: input[(parsed.map { $0.size - before } ?? added)...])
        guard let (header, _) = parsed else { return nil }
        partialHeader = []
        begin(header)
        return header
    }

    private mutating func begin(_ header: FrameHeader) {
        maskKey = header.maskKey ?? 0
        payloadOffset = 0
        payloadRemaining = header.length
    }

    /// Appends the payload bytes that have arrived, unmasked, and returns how many.
    public mutating func readPayload(from input: inout UnsafeRawBufferPointer, into payload: inout [UInt8]) -> Int {
        let amount = min(payloadRemaining, input.count)
        if amount == 0 { return 0 }
        let piece = UnsafeRawBufferPointer(rebasing: input[..<amount])
        let start = payload.count
        if start == 0, amount == payloadRemaining {
            payload = Array(piece)
        } else {
            if start == 0 { payload.reserveCapacity(min(payloadRemaining, Self.trustedSize)) }
            payload.append(contentsOf: piece)
        }
        if maskKey != 0 {
            payload.withUnsafeMutableBytes {
                Masking.apply(
                    key: maskKey,
                    offset: payloadOffset,
                    to: UnsafeMutableRawBufferPointer(rebasing: $0[start...])
                )
            }
        }
        input = UnsafeRawBufferPointer(rebasing: input[amount...])
        payloadOffset += amount
        payloadRemaining -= amount
        return amount
    }

    /// Drops the payload bytes that have arrived.
    mutating func skipPayload(from input: inout UnsafeRawBufferPointer) {
        let amount = min(payloadRemaining, input.count)
        input = UnsafeRawBufferPointer(rebasing: input[amount...])
        payloadOffset += amount
        payloadRemaining -= amount
    }

    /// Forgets everything received.
    mutating func removeAll() {
        partialHeader = []
        payloadRemaining = 0
    }

    /// How much of an announced payload gets its memory before it has arrived.
    private static let trustedSize = 64 * 1024
}
