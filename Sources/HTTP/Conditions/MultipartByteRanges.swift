/// The content of a 206 with more than one range, `multipart/byteranges` (RFC 9110 §14.6, RFC 2046 §5.1).
public struct MultipartByteRanges: Sendable, Equatable {
    /// The `Content-Type` value of the response.
    public let contentType: String
    /// The content of the response.
    public let content: [UInt8]

    /// Joins parts of a representation.
    /// - Parameters:
    ///   - parts: non-empty ranges within `representation`, as ``ByteRanges/parts(_:)`` has them.
    ///   - contentType: the media type of the representation.
    ///   - boundary: 1 to 70 letters, digits and dashes that do not occur in the representation; a digest of it cannot.
    public init(_ parts: [Range<Int>], of representation: [UInt8], contentType: String, boundary: String) {
        var content: [UInt8] = []
        for (index, part) in parts.enumerated() {
            let range = ContentRange.part(part, of: representation.count)
            let head =
                "\(index == 0 ? "" : "\r\n")--\(boundary)\r\ncontent-type: \(contentType)\r\ncontent-range: \(range)\r\n\r\n"
            content += Array(head.utf8)
            content += representation[part]
        }
        content += Array("\r\n--\(boundary)--\r\n".utf8)
        self.content = content
        self.contentType = "multipart/byteranges; boundary=\(boundary)"
    }
}

/// Values of `Content-Range` (RFC 9110 §14.4).
public enum ContentRange {
    /// What is sent with a part: `bytes 0-499/1234`. `range` must not be empty.
    public static func part(_ range: Range<Int>, of length: Int) -> String {
        "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)"
    }

    /// What is sent with 416: `bytes */1234`.
    public static func unsatisfied(length: Int) -> String { "bytes */\(length)" }
}
