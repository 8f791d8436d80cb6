/// zlib states for the connections of one loop: lent for the time of one message, or kept for a connection that negotiated
/// context takeover, and counted then.
///
/// Confined to its loop.
public final class DeflatePool {
    /// What the server is willing to do.
    public let policy: DeflatePolicy
    /// Bytes of state that connections keep, or may claim at any time because it was agreed on.
    public private(set) var keptBytes = 0
    /// Bytes of state that messages under way hold.
    private(set) var lentBytes = 0
    private var inflaters: [Inflater] = []
    private var deflaters: [Deflater] = []

    private static let inflaterBytes = DeflateMemory.inflater(windowBits: 15)
    /// States of each kind that wait for the next message.
    private static let idleStates = 4

    /// Creates an empty pool.
    public init(policy: DeflatePolicy) { self.policy = policy }

    /// Whether another connection may keep contexts of the largest kind in both directions.
    public var mayKeepContext: Bool {
        mayKeep(DeflateMemory.inflater(windowBits: 15) + DeflateMemory.deflater(windowBits: policy.maxWindowBits))
    }

    /// Whether so many more bytes are within ``DeflatePolicy/contextBytes``.
    func mayKeep(_ bytes: Int) -> Bool { bytes <= policy.contextBytes - keptBytes }

    /// Judges a client's offers, see ``DeflatePolicy/negotiate(_:mayKeepContext:)``.
    public func negotiate(
        _ offers: [ExtensionOffer]
    ) -> (parameters: DeflateParameters, answer: ExtensionOffer)? {
        policy.negotiate(offers, mayKeepContext: mayKeepContext)
    }

    /// States that wait, for tests.
    var idleCount: Int { inflaters.count + deflaters.count }

    /// A decompressor that remembers nothing. The largest window reads what any smaller one wrote.
    ///
    /// - Throws: ``WebSocketError/limitExceeded(_:limit:)`` when messages that were begun and not ended hold as much as
    ///   they may: each costs its sender a few bytes.
    func borrowInflater() throws(WebSocketError) -> Inflater? {
        guard lentBytes + Self.inflaterBytes <= policy.inflatingBytes else {
            throw .limitExceeded(.inflatingBytes, limit: policy.inflatingBytes)
        }
        guard let inflater = inflaters.popLast() ?? Inflater(windowBits: 15) else { return nil }
        lentBytes += Self.inflaterBytes
        return inflater
    }

    func giveBack(_ inflater: Inflater) {
        lentBytes -= Self.inflaterBytes
        guard inflaters.count < Self.idleStates else { return }
        inflater.reset()
        inflaters.append(inflater)
    }

    /// A compressor that remembers nothing.
    func borrowDeflater(windowBits: Int) -> Deflater? {
        if let index = deflaters.lastIndex(where: { $0.windowBits == windowBits }) {
            return deflaters.remove(at: index)
        }
        return Deflater(windowBits: windowBits, level: policy.level)
    }

    func giveBack(_ deflater: Deflater) {
        if deflaters.count >= Self.idleStates { deflaters.removeFirst() }
        deflater.reset()
        deflaters.append(deflater)
    }

    /// A connection may keep a state of this size from now on, or, below zero, lets go of it.
    func noteKept(_ bytes: Int) { keptBytes += bytes }
}
