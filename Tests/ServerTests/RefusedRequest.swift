import Testing

/// A request that the server refuses, named by a word of the refusal.
struct RefusedRequest: CustomTestStringConvertible {
    let testDescription: String
    let status: Int
    let text: String

    private init(_ status: Int, _ word: String, _ text: String) {
        testDescription = word
        self.status = status
        self.text = text
    }

    private static let post = "POST /echo HTTP/1.1\r\nHost: h\r\n"
    private static let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"

    static let all = [
        Self(414, "requestLine", "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n"),
        Self(431, "headerBytes", "GET / HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "a", count: 40_000))\r\n\r\n"),
        Self(431, "headerCount", "GET / HTTP/1.1\r\n\(String(repeating: "a: b\r\n", count: 200))\r\n"),
        Self(413, "body of 100000", post + "Content-Length: 100001\r\n\r\n"),
        Self(413, "limit body", chunked + "186a1\r\n"),
        Self(413, "over the limit", chunked + "7fffffffffffffff\r\n"),
        Self(400, "chunkSize", chunked + "ffffffffffffffff\r\n"),
        Self(400, "contentLength", post + "Content-Length: 99999999999999999999\r\n\r\n"),
        Self(501, "transfer coding", post + "Transfer-Encoding: gzip, chunked\r\n\r\n"),
        Self(505, "versions", "GET / HTTP/2.0\r\nHost: h\r\n\r\n"),
        Self(400, "host", "GET / HTTP/1.1\r\n\r\n"),
        Self(400, "malformed", "\u{16}\u{3}\u{1}\r\n\r\n"),
    ]
}
