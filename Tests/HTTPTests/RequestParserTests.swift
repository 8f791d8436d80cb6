import HTTP
import HTTPTypes
import PropertySupport
import Testing

/// A request and the error it must end in, or nil when it must be read to its end.
struct ParserCase: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: String
    let error: HTTPError?

    init(_ name: String, _ bytes: String, _ error: HTTPError? = nil) {
        self.name = name
        self.bytes = bytes
        self.error = error
    }

    var testDescription: String { name }
}

@Suite("Request parser")
struct RequestParserTests {
    private static let host = "Host: a.example\r\n"
    private static let post = "POST / HTTP/1.1\r\nHost: a.example\r\n"
    private static let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"

    private static func get(_ line: String) -> String { "\(line)\r\n\(host)\r\n" }
    private static func field(_ line: String) -> String { "GET / HTTP/1.1\r\n\(host)\(line)\r\n\r\n" }

    static let cases: [ParserCase] = [
        // Request line
        ParserCase("origin form", get("GET /a?b=c HTTP/1.1")),
        ParserCase("one empty line before", "\r\n" + get("GET / HTTP/1.1")),
        ParserCase("two empty lines before", "\r\n\r\n" + get("GET / HTTP/1.1"), .malformed(.emptyLine)),
        ParserCase("bare LF before", "\n" + get("GET / HTTP/1.1"), .malformed(.lineEnding)),
        ParserCase("tab as separator", get("GET\t/ HTTP/1.1"), .malformed(.requestLine)),
        ParserCase("two spaces", get("GET  / HTTP/1.1"), .malformed(.requestLine)),
        ParserCase("trailing space", get("GET / HTTP/1.1 "), .malformed(.requestLine)),
        ParserCase("leading space", get(" GET / HTTP/1.1"), .malformed(.method)),
        ParserCase("no version", get("GET /"), .malformed(.requestLine)),
        ParserCase("no method", get("/ HTTP/1.1"), .malformed(.requestLine)),
        ParserCase("method with a separator", get("G{T / HTTP/1.1"), .malformed(.method)),
        ParserCase("method that starts with a dash", get("-GET / HTTP/1.1"), .malformed(.method)),
        ParserCase("custom method", get("M-SEARCH / HTTP/1.1")),
        ParserCase("lower-case version", get("GET / http/1.1"), .malformed(.requestLine)),
        ParserCase("version of two digits", get("GET / HTTP/1.10"), .malformed(.requestLine)),
        ParserCase("version 2.0", get("GET / HTTP/2.0"), .unsupportedVersion),
        ParserCase("version 1.2", get("GET / HTTP/1.2"), .unsupportedVersion),
        ParserCase("version 0.9", get("GET / HTTP/0.9"), .unsupportedVersion),
        // Target
        ParserCase("absolute form", get("GET http://b.example:80/x?y HTTP/1.1")),
        ParserCase("absolute form, upper-case scheme", get("GET HTTP://b.example HTTP/1.1")),
        ParserCase("absolute form, IPv6", get("GET https://[2001:db8::1]:443/ HTTP/1.1")),
        ParserCase("absolute form, no authority", get("GET http:///x HTTP/1.1"), .malformed(.target)),
        ParserCase("absolute form, bad IPv6", get("GET http://[::g]/ HTTP/1.1"), .malformed(.target)),
        ParserCase("absolute form, other scheme", get("GET ftp://b.example/ HTTP/1.1"), .malformed(.target)),
        ParserCase("absolute form, port 65536", get("GET http://b:65536/ HTTP/1.1"), .malformed(.target)),
        ParserCase("asterisk", get("OPTIONS * HTTP/1.1")),
        ParserCase("asterisk with GET", get("GET * HTTP/1.1"), .malformed(.target)),
        ParserCase("authority form", get("CONNECT b.example:443 HTTP/1.1")),
        ParserCase("authority form without port", get("CONNECT b.example HTTP/1.1"), .malformed(.target)),
        ParserCase("authority form with empty port", get("CONNECT b.example: HTTP/1.1"), .malformed(.target)),
        ParserCase("CONNECT with a path", get("CONNECT /x HTTP/1.1"), .malformed(.target)),
        ParserCase("relative path", get("GET x/y HTTP/1.1"), .malformed(.target)),
        ParserCase("DEL in target", get("GET /\u{7F} HTTP/1.1"), .malformed(.target)),
        ParserCase("UTF-8 in target", get("GET /ä HTTP/1.1"), .malformed(.target)),
        // Fields
        ParserCase("empty value", field("X:")),
        ParserCase("white space around a value", field("X: \t a b \t ")),
        ParserCase("obs-text", field("X: ä")),
        ParserCase("every token character", field("!#$%&'*+-.^_`|~09azAZ: x")),
        ParserCase("empty name", field(": x"), .malformed(.fieldName)),
        ParserCase("no colon", field("X"), .malformed(.fieldName)),
        ParserCase("space before the colon", field("X : y"), .malformed(.fieldName)),
        ParserCase("tab before the colon", field("X\t: y"), .malformed(.fieldName)),
        ParserCase("UTF-8 in a name", field("Ä: y"), .malformed(.fieldName)),
        ParserCase("line folding", field("X: y\r\n z"), .malformed(.lineFolding)),
        ParserCase("line folding of the first field", "GET / HTTP/1.1\r\n X: y\r\n\r\n", .malformed(.lineFolding)),
        ParserCase("NUL in a value", field("X: a\0b"), .malformed(.fieldValue)),
        ParserCase("bell in a value", field("X: a\u{7}b"), .malformed(.fieldValue)),
        ParserCase("DEL in a value", field("X: a\u{7F}b"), .malformed(.fieldValue)),
        ParserCase("bare CR in a value", field("X: a\rb"), .malformed(.fieldValue)),
        ParserCase("two CR before LF", field("X: a\r"), .malformed(.fieldValue)),
        ParserCase("bare LF after a value", field("X: a\nY: b"), .malformed(.lineEnding)),
        ParserCase("bare LF ends the section", "GET / HTTP/1.1\r\n\(host)\n", .malformed(.lineEnding)),
        // Host
        ParserCase("no Host in 1.1", "GET / HTTP/1.1\r\n\r\n", .malformed(.host)),
        ParserCase("no Host in 1.0", "GET / HTTP/1.0\r\n\r\n"),
        ParserCase("two equal Hosts", field("Host: a.example"), .malformed(.host)),
        ParserCase("two Hosts in 1.0", "GET / HTTP/1.0\r\n\(host)\(host)\r\n", .malformed(.host)),
        ParserCase("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", .malformed(.host)),
        ParserCase("Host with IPv6 and port", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"),
        ParserCase("Host with user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .malformed(.host)),
        ParserCase("Host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .malformed(.host)),
        ParserCase("Host with bad port", "GET / HTTP/1.1\r\nHost: a:8o\r\n\r\n", .malformed(.host)),
        ParserCase("Host with bad escape", "GET / HTTP/1.1\r\nHost: a%2\r\n\r\n", .malformed(.host)),
        // Framing
        ParserCase("fixed body", post + "Content-Length: 3\r\n\r\nabc"),
        ParserCase("leading zeros", post + "Content-Length: 003\r\n\r\nabc"),
        ParserCase("empty length", post + "Content-Length:\r\n\r\n", .malformed(.contentLength)),
        ParserCase("signed length", post + "Content-Length: +3\r\n\r\nabc", .malformed(.contentLength)),
        ParserCase("list of lengths", post + "Content-Length: 3, 3\r\n\r\nabc", .malformed(.contentLength)),
        ParserCase(
            "equal lengths",
            post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
            .malformed(.contentLength)
        ),
        ParserCase(
            "length over 63 bits",
            post + "Content-Length: 9223372036854775808\r\n\r\n",
            .malformed(.contentLength)
        ),
        ParserCase(
            "both framings",
            post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            .malformed(.ambiguousLength)
        ),
        ParserCase("upper-case coding", post + "Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n"),
        ParserCase("gzip", post + "Transfer-Encoding: gzip\r\n\r\n", .unsupportedTransferCoding),
        ParserCase("gzip, chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", .unsupportedTransferCoding),
        ParserCase("chunked, gzip", post + "Transfer-Encoding: chunked, gzip\r\n\r\n", .malformed(.transferEncoding)),
        ParserCase(
            "chunked twice",
            post + "Transfer-Encoding: chunked, chunked\r\n\r\n",
            .malformed(.transferEncoding)
        ),
        ParserCase("empty coding", post + "Transfer-Encoding:\r\n\r\n", .malformed(.transferEncoding)),
        ParserCase(
            "two coding fields",
            post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            .malformed(.transferEncoding)
        ),
        ParserCase(
            "coding in 1.0",
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            .malformed(.transferEncoding)
        ),
        // Chunks
        ParserCase("chunks", chunked + "3\r\nabc\r\n0A\r\n0123456789\r\n000\r\n\r\n"),
        ParserCase("extension", chunked + "1;a;b=c;d=\"e\\\"f\"\r\nx\r\n0;g\r\n\r\n"),
        ParserCase("extension with bad white space", chunked + "1 ; a = b\r\nx\r\n0\r\n\r\n"),
        ParserCase("extension without name", chunked + "1;\r\nx\r\n0\r\n\r\n", .malformed(.chunkExtension)),
        ParserCase("extension without value", chunked + "1;a=\r\nx\r\n0\r\n\r\n", .malformed(.chunkExtension)),
        ParserCase("extension with open quote", chunked + "1;a=\"b\r\nx\r\n0\r\n\r\n", .malformed(.chunkExtension)),
        ParserCase("extension with CR", chunked + "1;a\rb\r\nx\r\n0\r\n\r\n", .malformed(.chunkExtension)),
        ParserCase("white space after the size", chunked + "1 \r\nx\r\n0\r\n\r\n", .malformed(.chunkExtension)),
        ParserCase("size with prefix", chunked + "0x1\r\nx\r\n0\r\n\r\n", .malformed(.chunkSize)),
        ParserCase("negative size", chunked + "-1\r\nx\r\n0\r\n\r\n", .malformed(.chunkSize)),
        ParserCase("no size", chunked + "\r\nx\r\n0\r\n\r\n", .malformed(.chunkSize)),
        ParserCase("size over 63 bits", chunked + "8000000000000000\r\n", .malformed(.chunkSize)),
        ParserCase("size of 17 digits", chunked + "00000000000000001\r\nx\r\n", .malformed(.chunkSize)),
        ParserCase("size line with bare LF", chunked + "1\nx\r\n0\r\n\r\n", .malformed(.lineEnding)),
        ParserCase("data longer than its size", chunked + "1\r\nxy\r\n0\r\n\r\n", .malformed(.chunkEnd)),
        ParserCase("data with bare LF", chunked + "1\r\nx\n0\r\n\r\n", .malformed(.chunkEnd)),
        ParserCase("data with CR only", chunked + "1\r\nx\r0\r\n\r\n", .malformed(.chunkEnd)),
        ParserCase("trailers", chunked + "0\r\nDigest: x\r\n\r\n"),
        ParserCase("trailer Content-Length", chunked + "0\r\nContent-Length: 9\r\n\r\n", .malformed(.trailerField)),
        ParserCase("trailer Host", chunked + "0\r\nHost: b\r\n\r\n", .malformed(.trailerField)),
        ParserCase("bad trailer", chunked + "0\r\nA B: x\r\n\r\n", .malformed(.fieldName)),
    ]

    @Test("one request: the exact error, or read to the end", arguments: cases)
    func outcome(_ testCase: ParserCase) {
        let run = ParserRun(testCase.bytes)
        #expect(run.error == testCase.error)
        if testCase.error == nil {
            #expect(run.completed == 1)
            #expect(run.isIdle || run.isFinished)
        }
    }

    @Test("every split point gives the same events", arguments: cases)
    func splits(_ testCase: ParserCase) {
        let bytes = Array(testCase.bytes.utf8)
        let whole = ParserRun(bytes)
        for cut in 1..<bytes.count {
            #expect(ParserRun(bytes, cuts: [cut]) == whole, "cut at \(cut)")
        }
        #expect(ParserRun(bytes, cuts: Array(1..<bytes.count)) == whole, "byte by byte")
    }

    @Test("random bytes of HTTP's alphabet: no crash, and cuts change nothing")
    func randomInput() {
        let seed: UInt64 = 0xC0DE_C0DE
        var generator = SeededGenerator(seed: seed)
        let words = [
            "GET", " ", "/", "HTTP/1.1", "\r\n", "Host", ":", "a", "Content-Length", "3", "Transfer-Encoding",
            "chunked",
            "0", ";", "\r", "\n", "\t", "\"", "=", "\0", "%", "POST / HTTP/1.1\r\nHost: a\r\n",
            "Transfer-Encoding: chunked\r\n\r\n", "Content-Length: 2\r\n\r\nab", "1\r\nx\r\n", "0\r\n\r\n",
        ]
        for round in 0..<2_000 {
            let text = (0..<Int.random(in: 1...24, using: &generator))
                .map { _ in words.randomElement(using: &generator) ?? "" }.joined()
            let bytes = Array(text.utf8)
            let cuts = generator.cuts(below: bytes.count, limit: 6)
            #expect(ParserRun(bytes, cuts: cuts) == ParserRun(bytes), "round \(round), seed \(seed)")
        }
    }
}
