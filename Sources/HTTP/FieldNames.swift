internal import HTTPTypes

/// The names that most requests are made of, ready-made: a name from a peer costs a string, a check and a folded copy.
enum FieldNames {
    /// The name that is spelt exactly as `bytes`, capitals included, or nil when it is none of the common ones.
    static func known(_ bytes: Span<UInt8>) -> HTTPField.Name? {
        guard bytes.count < byLength.count else { return nil }
        for (spelling, name) in byLength[bytes.count] where equal(spelling, bytes) { return name }
        return nil
    }

    private static let byLength: [[(spelling: [UInt8], name: HTTPField.Name)]] = {
        let names = [
            "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Connection",
            "Content-Length", "Content-Type", "Cookie", "Expect", "Host", "If-Match", "If-None-Match", "Origin",
            "Pragma",
            "Range", "Referer", "Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol",
            "Sec-WebSocket-Version", "Transfer-Encoding", "Upgrade", "User-Agent", "X-Forwarded-For",
        ]
        let spellings = names + names.map { $0.lowercased() }
        let longest = spellings.map(\.utf8.count).max() ?? 0
        return (0...longest).map { length in
            spellings.filter { $0.utf8.count == length }
                .compactMap { spelling in HTTPField.Name(spelling).map { (Array(spelling.utf8), $0) } }
        }
    }()

    private static func equal(_ spelling: [UInt8], _ bytes: Span<UInt8>) -> Bool {
        // From the end, where names of one length differ more often.
        var index = spelling.count - 1
        while index >= 0, spelling[index] == bytes[index] { index -= 1 }
        return index < 0
    }
}
