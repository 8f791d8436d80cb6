/// How far a server goes along with permessage-deflate (RFC 7692).
public struct DeflatePolicy: Sendable, Hashable {
    /// zlib's level for messages of ours, 1 (fast) to 9 (small).
    public var level = 1
    /// Base-2 logarithm of the largest window of ours, 9 to 15.
    public var maxWindowBits = 15
    /// Payloads below this many bytes are sent as they are: compressing them costs more than it saves.
    public var minimumBytes = 128
    /// Payloads above this many bytes are sent as they are: compressing one would hold up everybody else on the loop, by
    /// about 13 ms for each MiB.
    public var maximumBytes = 256 * 1024
    /// Whether we keep our window from message to message for clients that allow it. It costs memory for each connection
    /// (see ``DeflateMemory``) and saves bytes where messages resemble each other.
    public var keepsServerContext = false
    /// Whether clients may keep theirs, which costs ``DeflateMemory/inflater(windowBits:)`` bytes for each.
    public var keepsClientContext = false
    /// Bytes of zlib state that the connections of one loop may hold together. Where they are used up, new connections
    /// are asked to go without context.
    public var contextBytes = 64 << 20
    /// Bytes of zlib state that compressed messages which have begun and not ended may hold together on one loop. Beyond
    /// it a connection that begins another is closed with 1013.
    public var inflatingBytes = 64 << 20

    /// Creates the default policy: compression without any state that lives longer than a message.
    public init() {}

    /// Whether a payload of so many bytes is compressed at all.
    func isWorthCompressing(_ count: Int) -> Bool { (minimumBytes...max(minimumBytes, maximumBytes)).contains(count) }

    /// The first of a client's offers that can be met, and the answer to it; nil when none can, and the connection goes
    /// uncompressed.
    ///
    /// - Parameter mayKeepContext: Whether there is memory for contexts, see ``contextBytes``.
    public func negotiate(
        _ offers: [ExtensionOffer],
        mayKeepContext: Bool = true
    ) -> (parameters: DeflateParameters, answer: ExtensionOffer)? {
        for offer in offers {
            guard let wanted = DeflateOffer(offer), let parameters = meet(wanted, mayKeepContext) else { continue }
            return (parameters, answer(to: wanted, with: parameters))
        }
        return nil
    }

    private func meet(_ offer: DeflateOffer, _ mayKeepContext: Bool) -> DeflateParameters? {
        // zlib cannot compress with a window of 2^8: an offer that asks for it is declined (RFC 7692 §7.1.2.1).
        let serverBits = min(offer.serverMaxWindowBits ?? 15, maxWindowBits)
        guard serverBits >= 9 else { return nil }
        return DeflateParameters(
            serverNoContextTakeover: offer.serverNoContextTakeover || !keepsServerContext || !mayKeepContext,
            clientNoContextTakeover: offer.clientNoContextTakeover || !keepsClientContext || !mayKeepContext,
            serverMaxWindowBits: serverBits,
            clientMaxWindowBits: offer.clientMaxWindowBits ?? 15
        )
    }

    private func answer(to offer: DeflateOffer, with agreed: DeflateParameters) -> ExtensionOffer {
        var parameters: [ExtensionOffer.Parameter] = []
        if agreed.serverNoContextTakeover { parameters.append(.init(name: "server_no_context_takeover")) }
        if agreed.clientNoContextTakeover { parameters.append(.init(name: "client_no_context_takeover")) }
        if agreed.serverMaxWindowBits < 15 || offer.serverMaxWindowBits != nil {
            parameters.append(.init(name: "server_max_window_bits", value: String(agreed.serverMaxWindowBits)))
        }
        if offer.clientMaxWindowBits != nil, agreed.clientMaxWindowBits < 15 {
            parameters.append(.init(name: "client_max_window_bits", value: String(agreed.clientMaxWindowBits)))
        }
        return ExtensionOffer(name: DeflateOffer.name, parameters: parameters)
    }
}

/// What zlib's states cost, in bytes, as `zconf.h` documents it.
public enum DeflateMemory {
    /// A compressor with the memory level that ``Deflater`` uses.
    public static func deflater(windowBits: Int) -> Int {
        (1 << (windowBits + 2)) + (1 << (Deflater.memoryLevel(windowBits) + 9)) + 6_000
    }

    /// A decompressor.
    public static func inflater(windowBits: Int) -> Int { (1 << max(windowBits, 9)) + 7_000 + 3_000 }
}
