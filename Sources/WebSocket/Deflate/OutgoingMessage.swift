internal import Synchronization

/// A message on its way to many connections: each form of its frame is made once, when the first connection needs it, and
/// its bytes are shared by all that use the same form, on whatever loop they are.
public final class OutgoingMessage: Sendable {
    /// Text or binary.
    public let opcode: Opcode
    /// What the message says.
    public let payload: [UInt8]
    /// The frame as it stands without compression.
    public let plainFrame: [UInt8]
    private let policy: DeflatePolicy
    private let compressedFrames = Mutex<[Int: [UInt8]]>([:])

    /// Creates a message.
    ///
    /// - Parameters:
    ///   - opcode: ``Opcode/text``, whose payload must be UTF-8, or ``Opcode/binary``.
    ///   - policy: How it is compressed where a connection negotiated that.
    public init(_ opcode: Opcode, _ payload: [UInt8], policy: DeflatePolicy = DeflatePolicy()) {
        self.opcode = opcode
        self.payload = payload
        self.policy = policy
        plainFrame = FrameEncoder.frame(opcode, payload: payload)
    }

    /// The frame for a connection with these parameters: compressed with a fresh window where that is worth it.
    ///
    /// A connection that keeps its own context has to be told when it is not the plain one, see
    /// ``PerMessageDeflate/noteSharedFrameSent()``.
    public func frame(for parameters: DeflateParameters?) -> [UInt8] {
        guard let parameters, payload.count >= policy.minimumBytes else { return plainFrame }
        let windowBits = parameters.serverMaxWindowBits
        return compressedFrames.withLock { frames in
            if let frame = frames[windowBits] { return frame }
            let frame = compressed(windowBits) ?? plainFrame
            frames[windowBits] = frame
            return frame
        }
    }

    private func compressed(_ windowBits: Int) -> [UInt8]? {
        guard let deflater = Deflater(windowBits: windowBits, level: policy.level),
            let compressed = deflater.deflate(payload), compressed.count < payload.count
        else { return nil }
        return FrameEncoder.frame(opcode, payload: compressed, reservedBits: .rsv1)
    }
}
