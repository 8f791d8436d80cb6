internal import Locking

/// A message on its way to many connections: each form of its frame is made once, when the first connection needs it, and
/// its bytes are shared by all that use the same form, on whatever loop they are.
public final class OutgoingMessage: Sendable {
    /// Text or binary.
    public let opcode: Opcode
    /// What the message says.
    public let payload: [UInt8]
    /// By the compressor's window bits; 0 is the plain frame.
    private let frames = Mutex<[(windowBits: Int, frame: [UInt8])]>([])

    /// Creates a message.
    ///
    /// - Parameter opcode: ``Opcode/text``, whose payload must be UTF-8, or ``Opcode/binary``.
    public init(_ opcode: Opcode, _ payload: [UInt8]) {
        self.opcode = opcode
        self.payload = payload
    }

    /// The frame without compression.
    public var plainFrame: [UInt8] { frame(windowBits: 0) { FrameEncoder.frame(opcode, payload: payload) } }

    /// The frame for a connection: compressed with a fresh window where that was agreed on and is worth it.
    ///
    /// A connection that keeps its own context has to be told, see ``PerMessageDeflate/noteSharedFrameSent()``.
    public func frame(for deflate: PerMessageDeflate?) -> [UInt8] {
        guard let deflate, deflate.pool.policy.isWorthCompressing(payload.count) else { return plainFrame }
        let windowBits = deflate.parameters.serverMaxWindowBits
        return frame(windowBits: windowBits) {
            compressed(windowBits, deflate.pool) ?? FrameEncoder.frame(opcode, payload: payload)
        }
    }

    /// Made under the lock, so that two loops that need it at the same time do not both make it.
    private func frame(windowBits: Int, _ make: () -> [UInt8]) -> [UInt8] {
        frames.withLock { frames in
            if let made = frames.first(where: { $0.windowBits == windowBits }) { return made.frame }
            let frame = make()
            frames.append((windowBits, frame))
            return frame
        }
    }

    private func compressed(_ windowBits: Int, _ pool: DeflatePool) -> [UInt8]? {
        guard let deflater = pool.borrowDeflater(windowBits: windowBits) else { return nil }
        defer { pool.giveBack(deflater) }
        guard let compressed = deflater.deflate(payload), compressed.count < payload.count else { return nil }
        return FrameEncoder.frame(opcode, payload: compressed, reservedBits: .rsv1)
    }
}
