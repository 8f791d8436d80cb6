/// permessage-deflate on one connection, server side (RFC 7692).
///
/// Owns zlib state only for a direction whose context is kept, and only from the first compressed message on; all other
/// states are borrowed from the loop's ``DeflatePool`` for the time of one message.
public final class PerMessageDeflate: MessageExtension {
    /// What was agreed on.
    public let parameters: DeflateParameters
    let pool: DeflatePool
    private var inflater: Inflater?
    private var deflater: Deflater?
    private var isDeflaterBehind = false

    /// Creates the extension for a connection whose handshake agreed on `parameters`.
    ///
    /// A context of the client's is counted here and not when it is first needed: the client cannot be refused it then,
    /// and connections that say nothing until all are there would pass the bound together.
    public init(_ parameters: DeflateParameters, pool: DeflatePool) {
        self.parameters = parameters
        self.pool = pool
        if !parameters.clientNoContextTakeover { pool.noteKept(inflaterBytes) }
    }

    deinit {
        if !parameters.clientNoContextTakeover {
            pool.noteKept(-inflaterBytes)
        } else if let inflater {
            // The connection ended in the middle of a message.
            pool.giveBack(inflater)
        }
        if deflater != nil { pool.noteKept(-deflaterBytes) }
    }

    /// RSV1 marks compressed messages (RFC 7692 §6).
    public var reservedBits: ReservedBits { .rsv1 }

    /// Decompresses a piece of a message. See ``MessageExtension/decode(_:isLast:into:limit:share:)``.
    public func decode(
        _ piece: inout UnsafeRawBufferPointer,
        isLast: Bool,
        into message: inout [UInt8],
        limit: Int,
        share: Int
    ) throws(WebSocketError) -> Bool {
        if inflater == nil { try beginInflating() }
        guard let inflater else { throw .extensionFailed }
        guard try inflater.inflate(&piece, isLast: isLast, into: &message, limit: limit, share: share) else {
            return false
        }
        if isLast, parameters.clientNoContextTakeover {
            self.inflater = nil
            pool.giveBack(inflater)
        }
        return true
    }

    /// Compresses a message; nil when it is sent as it is, because it is small or would not shrink.
    public func encode(_ payload: UnsafeRawBufferPointer) -> [UInt8]? {
        guard pool.policy.isWorthCompressing(payload.count) else { return nil }
        guard let deflater = deflater ?? beginDeflating() else { return nil }
        if isDeflaterBehind {
            deflater.reset()
            isDeflaterBehind = false
        }
        let isBorrowed = self.deflater == nil
        defer { if isBorrowed { pool.giveBack(deflater) } }
        guard let compressed = deflater.deflate(payload), compressed.count < payload.count else {
            // What the peer never sees must not be referred to.
            isDeflaterBehind = !isBorrowed
            return nil
        }
        return compressed
    }

    /// A frame that was compressed for many receivers has been sent on this connection: the peer's window has moved on
    /// without ours, so our next message starts anew. Costs nothing until then.
    public func noteSharedFrameSent() { isDeflaterBehind = deflater != nil }

    private func beginInflating() throws(WebSocketError) {
        if parameters.clientNoContextTakeover {
            // Held until the message ends.
            inflater = try pool.borrowInflater()
        } else {
            inflater = Inflater(windowBits: parameters.clientMaxWindowBits)
        }
    }

    /// A compressor to keep, or, where none was agreed on or the bound is reached, one for this message alone: a server
    /// may always do without its context (RFC 7692 §7.1.1.1).
    private func beginDeflating() -> Deflater? {
        let windowBits = parameters.serverMaxWindowBits
        guard !parameters.serverNoContextTakeover, pool.mayKeep(deflaterBytes) else {
            return pool.borrowDeflater(windowBits: windowBits)
        }
        deflater = Deflater(windowBits: windowBits, level: pool.policy.level)
        if deflater != nil { pool.noteKept(deflaterBytes) }
        return deflater
    }

    private var inflaterBytes: Int { DeflateMemory.inflater(windowBits: parameters.clientMaxWindowBits) }
    private var deflaterBytes: Int { DeflateMemory.deflater(windowBits: parameters.serverMaxWindowBits) }
}
