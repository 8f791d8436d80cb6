import HTTP
import HTTPTypes
import Testing

@Suite("Response encoder")
struct ResponseEncoderTests {
    private func request(_ method: HTTPRequest.Method = .get, version: HTTPVersion = .http11, connection: String? = nil)
        -> RequestHead
    {
        var headers = HTTPFields()
        headers[.connection] = connection
        return RequestHead(method: method, target: "/", version: version, headers: headers)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("a fixed response, byte for byte")
    func fixed() throws {
        var encoder = ResponseEncoder()
        var output: [UInt8] = []
        let head = ResponseHead(status: .ok, headers: [.contentType: "text/plain"])
        try encoder.respond(
            head,
            body: Array("hello".utf8),
            to: request(),
            date: "Sun, 06 Nov 1994 08:49:37 GMT",
            into: &output
        )
        #expect(
            text(output)
                == "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\ncontent-length: 5\r\n\r\nhello"
        )
        #expect(encoder.keepsAlive)
        #expect(!encoder.isMidResponse)
    }

    @Test("a stream is chunked, empty pieces do not end it, trailers close it")
    func chunked() throws {
        var encoder = ResponseEncoder()
        var output: [UInt8] = []
        try encoder.begin(ResponseHead(status: 200), body: .stream, to: request(), into: &output)
        #expect(encoder.isMidResponse)
        try encoder.write([], into: &output)
        try encoder.write(Array("0123456789abcdef".utf8), into: &output)
        try encoder.end(trailers: [.eTag: "\"x\""], into: &output)
        #expect(
            text(output)
                == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n0\r\nETag: \"x\"\r\n\r\n"
        )
    }

    @Test("an HTTP/1.0 client gets no chunks: the close ends the body")
    func streamToOldClient() throws {
        var encoder = ResponseEncoder()
        var output: [UInt8] = []
        let old = request(version: .http10, connection: "keep-alive")
        try encoder.begin(ResponseHead(status: 200), body: .stream, to: old, into: &output)
        try encoder.write([0x41], into: &output)
        try encoder.end(into: &output)
        #expect(text(output) == "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nA")
        #expect(!encoder.keepsAlive)
    }

    @Test("HEAD sends the length and no content")
    func head() throws {
        var encoder = ResponseEncoder()
        var output: [UInt8] = []
        try encoder.respond(ResponseHead(status: 200), body: [1, 2, 3], to: request(.head), into: &output)
        #expect(text(output) == "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n")
    }

    @Test("204 and 304 have neither length nor content", arguments: [204, 304])
    func bodiless(code: Int) throws {
        var encoder = ResponseEncoder()
        var output: [UInt8] = []
        let head = ResponseHead(status: HTTPResponse.Status(code: code))
        try encoder.respond(head, body: [1], to: request(), into: &output)
        #expect(text(output).hasSuffix("\r\n\r\n"))
        #expect(!text(output).lowercased().contains("content-length"))
    }

    @Test(
        "keep-alive follows the request, the caller and the head",
        arguments: [
            (HTTPVersion.http11, nil, false, true, ""), (.http11, "close", false, false, "connection: close\r\n"),
            (.http11, nil, true, false, "connection: close\r\n"), (.http10, nil, false, false, "connection: close\r\n"),
            (.http10, "keep-alive", false, true, "connection: keep-alive\r\n"),
        ] as [(HTTPVersion, String?, Bool, Bool, String)]
    )
    func keepAlive(version: HTTPVersion, connection: String?, closing: Bool, keeps: Bool, line: String) throws {
        var encoder = ResponseEncoder()
        var output: [UInt8] = []
        let request = request(version: version, connection: connection)
        try encoder.respond(ResponseHead(status: 200), body: [], to: request, closing: closing, into: &output)
        #expect(text(output) == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\(line)\r\n")
        #expect(encoder.keepsAlive == keeps)
    }

    @Test("an unparsable request is answered and closed")
    func unparsable() throws {
        var encoder = ResponseEncoder()
        var output: [UInt8] = []
        try encoder.respond(ResponseHead(status: 400), body: [], to: nil, into: &output)
        #expect(text(output) == "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    }

    @Test("interim responses come before the final one")
    func interim() throws {
        var encoder = ResponseEncoder()
        var output: [UInt8] = []
        try encoder.writeInformational(ResponseHead(status: 100), into: &output)
        try encoder.respond(ResponseHead(status: 200), body: [], to: request(), into: &output)
        #expect(text(output).hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"))
        #expect(throws: HTTPError.misuse(.status)) {
            try encoder.writeInformational(ResponseHead(status: 200), into: &output)
        }
    }

    @Test("a value cannot begin a new line")
    func injection() throws {
        var encoder = ResponseEncoder()
        var output: [UInt8] = []
        let head = ResponseHead(
            status: HTTPResponse.Status(code: 200, reasonPhrase: "OK\r\nX: y"),
            headers: [.location: "/\r\nSet-Cookie: a=b", .eTag: "x\0y"]
        )
        do throws(HTTPError) {
            try encoder.respond(head, body: [], to: request(), into: &output)
            // HTTPTypes replaced the characters: the response must still be one head of exactly these lines.
            let lines = text(output).split(separator: "\r\n", omittingEmptySubsequences: false)
            #expect(lines.count == 6)
            #expect(!output.contains(0))
        } catch {
            #expect(error == .misuse(.headerInjection))
            #expect(output.isEmpty)
        }
        #expect(throws: HTTPError.misuse(.headerInjection)) {
            var fresh = ResponseEncoder()
            try fresh.respond(ResponseHead(status: 200), body: [], to: nil, date: "x\r\ny", into: &output)
        }
    }

    @Test("misuse is a typed error and writes nothing")
    func misuse() throws {
        var encoder = ResponseEncoder()
        var output: [UInt8] = []
        #expect(throws: HTTPError.misuse(.outOfOrder)) { try encoder.write([1], into: &output) }
        #expect(throws: HTTPError.misuse(.outOfOrder)) { try encoder.end(into: &output) }
        let framed = ResponseHead(status: 200, headers: [.contentLength: "3"])
        #expect(throws: HTTPError.misuse(.framingField)) {
            try encoder.begin(framed, body: .fixed(3), to: request(), into: &output)
        }
        #expect(throws: HTTPError.misuse(.status)) {
            try encoder.begin(ResponseHead(status: 101), body: .fixed(0), to: request(), into: &output)
        }
        #expect(output.isEmpty)
        try encoder.begin(ResponseHead(status: 200), body: .fixed(2), to: request(), into: &output)
        let before = output
        #expect(throws: HTTPError.misuse(.outOfOrder)) {
            try encoder.begin(ResponseHead(status: 200), body: .fixed(2), to: request(), into: &output)
        }
        #expect(throws: HTTPError.misuse(.bodyTooLong)) { try encoder.write([1, 2, 3], into: &output) }
        #expect(output == before)
        try encoder.write([1], into: &output)
        #expect(throws: HTTPError.misuse(.bodyTooShort)) { try encoder.end(into: &output) }
        #expect(!encoder.keepsAlive)
    }
}
