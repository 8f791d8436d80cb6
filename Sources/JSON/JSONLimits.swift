/// Bounds a document must keep while it is parsed or patched, so that hostile input costs little.
public struct JSONLimits: Sendable, Hashable {
    /// Deepest nesting of arrays and objects; at most ``hardMaxDepth``.
    public let maxDepth: Int
    /// Longest document in bytes.
    public let maxBytes: Int
    /// Longest string or member name, in bytes of the text between the quotes.
    public let maxStringBytes: Int
    /// Longest number in bytes; at least 32, which holds every integer of 64 bits and every double.
    public let maxNumberBytes: Int
    /// Most values in one document, counting every scalar, array and object.
    public let maxValues: Int

    /// Nesting never goes deeper than this, whatever a caller asks for: values are walked recursively, and the
    /// stack of a thread is finite.
    public static let hardMaxDepth = 512

    /// Depth 128, 16 MiB, strings up to the whole document, numbers of 1,024 bytes, a million values.
    public static let `default` = JSONLimits()

    /// Makes limits; values outside their range count as its nearest end.
    public init(
        maxDepth: Int = 128,
        maxBytes: Int = 16 << 20,
        maxStringBytes: Int = 16 << 20,
        maxNumberBytes: Int = 1_024,
        maxValues: Int = 1_000_000
    ) {
        self.maxDepth = min(max(maxDepth, 0), Self.hardMaxDepth)
        self.maxBytes = max(maxBytes, 0)
        self.maxStringBytes = max(maxStringBytes, 0)
        self.maxNumberBytes = max(maxNumberBytes, 32)
        self.maxValues = max(maxValues, 0)
    }
}
