extension AttackCase {
    /// Field lines, and what single fields may say.
    static let fields: [AttackCase] = [
        AttackCase("NUL in a name", "9110 §5.1", field("A\0: b"), .refused(400)),
        AttackCase("CR in a name", "2.2", field("A\r: b"), .refused(400)),
        AttackCase("parenthesis in a name", "9110 §5.6.2", field("A(b): c"), .refused(400)),
        AttackCase("only a colon", "5.1", field(":"), .refused(400)),
        AttackCase("only white space", "5.2", field(" "), .refused(400)),
        AttackCase("a lone CR as a line", "2.2", "GET / HTTP/1.1\r\n\(host)\r\r\n\r\n", .refused(400)),
        AttackCase("CR that pretends to end a line", "2.2", field("A: b\rTransfer-Encoding: chunked"), .refused(400)),
        AttackCase("LF that pretends to end a line", "2.2", field("A: b\nTransfer-Encoding: chunked"), .refused(400)),
        AttackCase("escape in a value", "9110 §5.5", field("A: \u{1B}[2J"), .refused(400)),
        AttackCase(
            "bytes that are no UTF-8",
            "9110 §5.5",
            Array(field("A: ").utf8.dropLast(4)) + [0xFF, 0xC0, 13, 10, 13, 10],
            .read(1)
        ),
        AttackCase("next line of Latin-1", "9110 §5.5", field("A: b\u{85}c"), .read(1)),
        AttackCase("white space before the first field", "2.2", "GET / HTTP/1.1\r\n \(host)\r\n", .refused(400)),
        AttackCase("101 fields", "9110 §5.4", field(String(repeating: "a: b\r\n", count: 99) + "a: b"), .refused(431)),
        AttackCase("100 fields", "9110 §5.4", field(String(repeating: "a: b\r\n", count: 98) + "a: b"), .read(1)),
        AttackCase(
            "a field over the limit",
            "9110 §5.4",
            field("A: \(String(repeating: "a", count: 33_000))"),
            .refused(431)
        ),
        AttackCase(
            "a field without end",
            "9110 §5.4",
            "GET / HTTP/1.1\r\nA: \(String(repeating: "a", count: 33_000))",
            .refused(431)
        ),
        AttackCase("known expectation", "9110 §10.1.1", field("Expect: 100-Continue\r\nContent-Length: 0"), .read(1)),
        AttackCase("unknown expectation", "9110 §10.1.1", field("Expect: 200-ok"), .refused(417)),
        AttackCase("known and unknown expectation", "9110 §10.1.1", field("Expect: 100-continue, fly"), .refused(417)),
        AttackCase("expectation with a parameter", "9110 §10.1.1", field("Expect: 100-continue;x"), .refused(417)),
        AttackCase(
            "expectation in a second field",
            "9110 §10.1.1",
            field("Expect: 100-continue\r\nExpect: x=y"),
            .refused(417)
        ),
        AttackCase("empty expectation", "9110 §10.1.1", field("Expect:"), .read(1)),
        AttackCase(
            "unknown expectation with HTTP/1.0",
            "9110 §10.1.1",
            "GET / HTTP/1.0\r\nExpect: fly\r\n\r\n",
            .read(1)
        ),
        AttackCase("Host with a list", "3.2", host("a.example, b.example"), .refused(400)),
        AttackCase("Host in a second field", "3.2", field("Host: b.example"), .refused(400)),
        AttackCase("Host with a space", "3.2", host("a b"), .refused(400)),
        AttackCase("Host with a scheme", "3.2", host("http://a.example"), .refused(400)),
        AttackCase("Host with a query", "3.2", host("a?b"), .refused(400)),
        AttackCase("Host with a fragment", "3.2", host("a#b"), .refused(400)),
        AttackCase("Host with two ports", "3.2", host("a:80:80"), .refused(400)),
        AttackCase("Host with a negative port", "3.2", host("a:-1"), .refused(400)),
        AttackCase("Host with port 65536", "3.2", host("a:65536"), .refused(400)),
        AttackCase("Host with an open bracket", "3.2", host("[::1"), .refused(400)),
        AttackCase("Host with text after the bracket", "3.2", host("[::1]x"), .refused(400)),
        AttackCase("Host with a zone", "3.2", host("[fe80::1%25eth0]"), .refused(400)),
        AttackCase("Host with a backslash", "3.2", host("a\\b"), .refused(400)),
        AttackCase("Host of only a port", "3.2", host(":80"), .refused(400)),
        AttackCase("Host after a folded line", "5.2", "GET / HTTP/1.1\r\nA: b\r\n Host: c\r\n\r\n", .refused(400)),
    ]

    /// Request lines and targets.
    static let targets: [AttackCase] = [
        AttackCase("target of 8,000 bytes", "3", get("/" + String(repeating: "a", count: 8000)), .read(1)),
        AttackCase("request line over the limit", "3", get("/" + String(repeating: "a", count: 9000)), .refused(414)),
        AttackCase("request line without end", "3", "GET /" + String(repeating: "a", count: 9000), .refused(414)),
        AttackCase("NUL in the target", "3.2", get("/\0"), .refused(400)),
        AttackCase("CR in the target", "2.2", get("/\r/"), .refused(400)),
        AttackCase("LF in the target", "2.2", get("/\n/"), .refused(400)),
        AttackCase("tab in the target", "3.2", get("/\t"), .refused(400)),
        AttackCase("a second request line in the target", "3", get("/ HTTP/1.1\r\nGET /x"), .refused(400)),
        AttackCase("vertical tab as separator", "3", "GET\u{B}/ HTTP/1.1\r\n\(host)\r\n", .refused(400)),
        AttackCase("CR before the version", "3", "GET / \rHTTP/1.1\r\n\(host)\r\n", .refused(400)),
        AttackCase("HTTP/0.9", "3", "GET /\r\n", .refused(400)),
        AttackCase("HTTP/1.1 in small letters", "2.3", "GET / http/1.1\r\n\(host)\r\n", .refused(400)),
        AttackCase("HTTP/1", "2.3", "GET / HTTP/1\r\n\(host)\r\n", .refused(400)),
        AttackCase("HTTP/01.1", "2.3", "GET / HTTP/01.1\r\n\(host)\r\n", .refused(400)),
        AttackCase("HTTP/1.1x", "2.3", "GET / HTTP/1.1x\r\n\(host)\r\n", .refused(400)),
        AttackCase("HTTP/3.0", "9110 §15.6.6", "GET / HTTP/3.0\r\n\(host)\r\n", .refused(505)),
        AttackCase("preface of HTTP/2", "9110 §15.6.6", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .refused(505)),
        AttackCase("beginning of TLS", "3", [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3, 13, 10], .refused(400)),
        AttackCase("method with a colon", "9110 §9.1", "GET: / HTTP/1.1\r\n\(host)\r\n", .refused(400)),
        AttackCase("method in small letters", "9110 §9.1", "get / HTTP/1.1\r\n\(host)\r\n", .read(1)),
        AttackCase(
            "CONNECT with an absolute URI",
            "3.2.3",
            "CONNECT http://a.example/ HTTP/1.1\r\n\(host)\r\n",
            .refused(400)
        ),
        AttackCase(
            "CONNECT with user information",
            "3.2.3",
            "CONNECT u@a.example:443 HTTP/1.1\r\n\(host)\r\n",
            .refused(400)
        ),
        AttackCase(
            "CONNECT and what is meant for the tunnel",
            "9110 §9.3.6",
            "CONNECT a.example:443 HTTP/1.1\r\n\(host)\r\n" + get,
            .read(1)
        ),
        AttackCase("authority form with GET", "3.2.3", get("a.example:443"), .refused(400)),
        AttackCase("asterisk with POST", "3.2.4", "POST * HTTP/1.1\r\n\(host)\r\n", .refused(400)),
        AttackCase("asterisk with a query", "3.2.4", "OPTIONS *?a HTTP/1.1\r\n\(host)\r\n", .refused(400)),
        AttackCase("absolute form without Host", "3.2.2", "GET http://a.example/ HTTP/1.1\r\n\r\n", .refused(400)),
        AttackCase("absolute form and another Host", "3.2.2", get("http://b.example/"), .read(1)),
        AttackCase("absolute form with a backslash", "3.2.2", get("http://b.example\\@a.example/"), .refused(400)),
        AttackCase("absolute form with two at signs", "3.2.2", get("http://a@b@c/"), .refused(400)),
        AttackCase("absolute form with one slash", "3.2.2", get("http:/a.example/"), .refused(400)),
        AttackCase("absolute form of another scheme", "3.2.2", get("file:///etc/passwd"), .refused(400)),
        AttackCase("two slashes before a host", "3.2.1", get("//b.example/"), .read(1)),
    ]

    /// Requests behind requests.
    static let pipelines: [AttackCase] = [
        AttackCase("three in a row", "9.3.2", get + get + get, .read(3)),
        AttackCase("one empty line between", "2.2", get + "\r\n" + get, .read(2)),
        AttackCase("two empty lines between", "2.2", get + "\r\n\r\n" + get, .refused(400, after: 1)),
        AttackCase("a bare LF between", "2.2", get + "\n" + get, .refused(400, after: 1)),
        AttackCase("a space between", "3", get + " " + get, .refused(400, after: 1)),
        AttackCase("a bad one between", "9112 §9.6", get + host("a b") + get, .refused(400, after: 1)),
        AttackCase("after close", "9.6", field("Connection: close") + get, .read(1)),
        AttackCase("after close among others", "9.6", field("Connection: keep-alive, Close") + get, .read(1)),
        AttackCase("after HTTP/1.0", "9.3", "GET / HTTP/1.0\r\n\r\n" + get, .read(1)),
        AttackCase(
            "after HTTP/1.0 that keeps alive",
            "9.3",
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + get,
            .read(2)
        ),
        AttackCase("after chunks", "9.3.2", chunked + "1\r\nx\r\n0\r\n\r\n" + get, .read(2)),
        AttackCase("hidden in a chunk", "7.1", chunked + "2d\r\n" + get + "1234567890\r\n0\r\n\r\n", .read(1)),
        AttackCase("hidden behind the last chunk", "7.1", chunked + "0\r\n" + get, .refused(400)),
    ]
}
