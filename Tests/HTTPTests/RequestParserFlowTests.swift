import HTTP
import HTTPTypes
import Testing

@Suite("Request parser: connection, limits, hand-over")
struct RequestParserFlowTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("events of a chunked request with trailers")
    func chunkedEvents() throws {
        let run = ParserRun(
            "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 7\r\n\r\n"
        )
        #expect(run.bodies == [Array("abcde".utf8)])
        #expect(run.heads.first?.framing == .chunked)
        guard case .end(let trailers)? = run.events.last else {
            Issue.record("no end")
            return
        }
        let name = try #require(HTTPField.Name("x-sum"))
        #expect(trailers[name] == "7")
        #expect(run.heads.first?.headers[name] == nil)
    }

    @Test("names keep their case, values lose surrounding white space")
    func fieldText() throws {
        let run = ParserRun("GET / HTTP/1.1\r\nHost: a\r\nX-oDD:\t v w \r\n\r\n")
        let field = try #require(run.heads.first?.headers.last)
        #expect(field.name.rawName == "X-oDD")
        #expect(field.value == "v w")
    }

    @Test("pipelined requests come one by one")
    func pipelining() throws {
        var parser = RequestParser()
        parser.receive(Array((get + "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi" + get).utf8))
        var kinds = ""
        while let event = try parser.next() {
            switch event {
            case .head: kinds += "h"
            case .body: kinds += "b"
            case .end: kinds += "e"
            }
        }
        #expect(kinds == "hehbehe")
        #expect(parser.isIdle)
        #expect(parser.bufferedBytes == 0)
    }

    @Test("a request that ends the connection finishes the parser")
    func finished() throws {
        for request in ["GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"] {
            let run = ParserRun(request + get)
            #expect(run.completed == 1)
            #expect(run.isFinished)
            #expect(run.error == nil)
        }
    }

    @Test("after an error the parser repeats it and keeps nothing")
    func dead() {
        var parser = RequestParser()
        parser.receive(Array("GET\n".utf8))
        #expect(throws: HTTPError.malformed(.lineEnding)) { try parser.next() }
        parser.receive(Array(get.utf8))
        #expect(parser.bufferedBytes == 0)
        #expect(throws: HTTPError.malformed(.lineEnding)) { try parser.next() }
    }

    @Test("good requests before a bad one are reported first")
    func goodBeforeBad() {
        let run = ParserRun(get + get + "BAD\r\n\r\n")
        #expect(run.completed == 2)
        #expect(run.error == .malformed(.requestLine))
    }

    @Test("the bytes after an upgrade request are handed over")
    func remainder() throws {
        var parser = RequestParser()
        parser.receive(
            Array("GET /s HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\u{1}\u{2}".utf8)
        )
        guard case .head(let head)? = try parser.next() else {
            Issue.record("no head")
            return
        }
        #expect(head.upgradesTo("WebSocket"))
        #expect(try parser.next() == .end(trailers: HTTPFields()))
        #expect(parser.takeRemainder() == [1, 2])
        #expect(parser.isFinished)
        #expect(try parser.next() == nil)
    }

    static let limits = HTTPLimits(
        requestLine: 20,
        headerBytes: 30,
        headerCount: 2,
        body: 5,
        chunkExtensionBytes: 4,
        trailerBytes: 10
    )

    /// A request that just fits, the same with one byte or item more, and the error of the latter.
    static let headBounds: [(fits: String, over: String, error: HTTPError)] = [
        (
            "GET /123456 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /1234567 HTTP/1.1\r\nHost: a\r\n\r\n",
            .limitExceeded(.requestLine, limit: 20)
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nX: 01234567890123456789\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: 012345678901234567890\r\n\r\n", .limitExceeded(.headerBytes, limit: 30)
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 2\r\n\r\n",
            .limitExceeded(.headerCount, limit: 2)
        ),
        (
            "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345",
            "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n", .limitExceeded(.body, limit: 5)
        ),
    ]

    @Test("the bounds of the head and the fixed body", arguments: headBounds.indices)
    func boundsOfHead(_ index: Int) {
        let bound = Self.headBounds[index]
        #expect(ParserRun(bound.fits, limits: Self.limits).error == nil)
        #expect(ParserRun(bound.fits, limits: Self.limits).completed == 1)
        let bytes = Array(bound.over.utf8)
        #expect(ParserRun(bytes, limits: Self.limits).error == bound.error)
        #expect(ParserRun(bytes, limits: Self.limits, cuts: Array(1..<bytes.count)).error == bound.error)
    }

    static let chunkBounds: [(fits: String, over: String, error: HTTPError)] = [
        ("3\r\n123\r\n2\r\n45\r\n0\r\n\r\n", "3\r\n123\r\n3\r\n456\r\n0\r\n\r\n", .limitExceeded(.body, limit: 5)),
        (
            "1;a\r\nx\r\n1;b\r\ny\r\n0\r\n\r\n", "1;a\r\nx\r\n1;bc\r\ny\r\n0\r\n\r\n",
            .limitExceeded(.chunkExtensionBytes, limit: 4)
        ),
        ("0\r\nX: 456789a\r\n\r\n", "0\r\nX: 456789ab\r\n\r\n", .limitExceeded(.trailerBytes, limit: 10)),
        ("0\r\nX: 1\r\nY: 2\r\n\r\n", "0\r\nX:1\r\nY:2\r\nZ:3\r\n\r\n", .limitExceeded(.headerCount, limit: 2)),
    ]

    @Test("the bounds of a chunked body", arguments: chunkBounds.indices)
    func boundsOfChunks(_ index: Int) {
        var limits = Self.limits
        limits.headerBytes = 100
        limits.requestLine = 100
        let bound = Self.chunkBounds[index]
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(ParserRun(head + bound.fits, limits: limits).error == nil)
        #expect(ParserRun(head + bound.over, limits: limits).error == bound.error)
    }

    @Test("an endless line is refused before it ends")
    func endlessLine() {
        let run = ParserRun("GET /" + String(repeating: "a", count: 17), limits: Self.limits)
        #expect(run.error == .limitExceeded(.requestLine, limit: 20))
    }

    @Test("the body limit can be set for one request, after its head")
    func bodyLimit() throws {
        var parser = RequestParser(limits: Self.limits)
        let request = Array("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n123456".utf8)
        parser.receive(request + request)
        _ = try parser.next()
        parser.setBodyLimit(6)
        #expect(try parser.next() == .body(Array("123456".utf8)))
        _ = try parser.next()
        _ = try parser.next()
        #expect(throws: HTTPError.limitExceeded(.body, limit: 5)) { try parser.next() }
    }

    @Test("statuses of errors")
    func statuses() {
        #expect(HTTPError.malformed(.host).suggestedStatus.code == 400)
        #expect(HTTPError.limitExceeded(.body, limit: 1).suggestedStatus.code == 413)
        #expect(HTTPError.limitExceeded(.requestLine, limit: 1).suggestedStatus.code == 414)
        #expect(HTTPError.limitExceeded(.headerCount, limit: 1).suggestedStatus.code == 431)
        #expect(HTTPError.limitExceeded(.trailerBytes, limit: 1).suggestedStatus.code == 431)
        #expect(HTTPError.unsupportedTransferCoding.suggestedStatus.code == 501)
        #expect(HTTPError.unsupportedVersion.suggestedStatus.code == 505)
    }
}
