import HTTP
import HTTPTypes
import Testing

@Suite("Request head")
struct RequestHeadTests {
    private func head(_ target: String, _ fields: String = "", version: String = "1.1") throws -> RequestHead {
        let run = ParserRun("GET \(target) HTTP/\(version)\r\nHost: a.example\r\n\(fields)\r\n")
        return try #require(run.heads.first, "\(run.error.map(\.description) ?? "incomplete")")
    }

    @Test(
        "path, query and authority",
        arguments: [
            ("/", "/", nil, "a.example"), ("/a/b?c=d", "/a/b", "c=d", "a.example"), ("/a?", "/a", "", "a.example"),
            ("/a?b?c#d?e", "/a", "b?c", "a.example"), ("/a#b?c", "/a", nil, "a.example"),
            ("http://u:p@b.example:81/x?y", "/x", "y", "b.example:81"), ("http://b.example?y", "/", "y", "b.example"),
            ("http://b.example", "/", nil, "b.example"),
        ] as [(String, String, String?, String)]
    )
    func targetParts(target: String, path: String, query: String?, authority: String) throws {
        let head = try head(target)
        #expect(head.path == path[...])
        #expect(head.query.map(String.init) == query)
        #expect(head.authority == authority)
    }

    @Test(
        "path segments",
        arguments: [
            ("/", []), ("/a", ["a"]), ("/a/", ["a", ""]), ("//a", ["", "a"]), ("/a%20b/%C3%A4", ["a b", "ä"]),
            ("/%2525", ["%25"]), ("/a+b", ["a+b"]), ("/...", ["..."]),
        ] as [(String, [String])]
    )
    func segments(target: String, expected: [String]) throws {
        #expect(try head(target).pathSegments() == expected)
    }

    @Test(
        "unsafe path segments",
        arguments: [
            ("/a%2Fb", HTTPError.Fault.pathSegment), ("/a%5cb", .pathSegment), ("/%00", .pathSegment),
            ("/%0d%0a", .pathSegment), ("/%7F", .pathSegment), ("/a/../b", .pathSegment), ("/%2e%2E/b", .pathSegment),
            ("/.", .pathSegment), ("/%", .percentEncoding), ("/%4", .percentEncoding), ("/%zz", .percentEncoding),
            ("/%C0%AF", .percentEncoding), ("/%ED%A0%80", .percentEncoding), ("/%FF", .percentEncoding),
        ]
    )
    func unsafeSegments(target: String, fault: HTTPError.Fault) throws {
        let head = try head(target)
        #expect(throws: HTTPError.malformed(fault)) { try head.pathSegments() }
    }

    @Test("query items: order, duplicates, plus, escapes, empty parts")
    func queryItems() throws {
        let items = try head("/?b=1&a=x+y%2B&&b=2&c&=d&e=f=g").queryItems()
        #expect(items.items.map(\.name) == ["b", "a", "b", "c", "", "e"])
        #expect(items["b"] == "1")
        #expect(items.values("b") == ["1", "2"])
        #expect(items["a"] == "x y+")
        #expect(items["c"] == "")
        #expect(items["e"] == "f=g")
        #expect(items["missing"] == nil)
        let bad = try head("/?a=%G0")
        #expect(throws: HTTPError.malformed(.percentEncoding)) { try bad.queryItems() }
    }

    @Test(
        "keep-alive",
        arguments: [
            ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: a, CLOSE\r\n", false),
            ("1.1", "Connection: a\r\nConnection: close\r\n", false), ("1.1", "Connection: closed\r\n", true),
            ("1.0", "", false), ("1.0", "Connection: Keep-Alive\r\n", true),
            ("1.0", "Connection: keep-alive, close\r\n", false),
        ]
    )
    func keepAlive(version: String, fields: String, expected: Bool) throws {
        #expect(try head("/", fields, version: version).keepAlive == expected)
    }

    @Test("expectation counts only with content and HTTP/1.1")
    func expectation() throws {
        let expect = "Expect: 100-Continue\r\n"
        #expect(try head("/", expect + "Content-Length: 1\r\n").expectsContinue)
        #expect(try head("/", expect + "Transfer-Encoding: chunked\r\n").expectsContinue)
        #expect(try !head("/", expect).expectsContinue)
        #expect(try !head("/", expect + "Content-Length: 0\r\n").expectsContinue)
        #expect(try !head("/", expect + "Content-Length: 1\r\n", version: "1.0").expectsContinue)
    }

    @Test("upgrade needs both fields and HTTP/1.1")
    func upgrade() throws {
        let both = "Connection: keep-alive, Upgrade\r\nUpgrade: h2c, WebSocket/13\r\n"
        #expect(try head("/", both).upgradesTo("websocket"))
        #expect(try !head("/", both).upgradesTo("web"))
        #expect(try !head("/", "Upgrade: websocket\r\n").upgradesTo("websocket"))
        #expect(try !head("/", both, version: "1.0").upgradesTo("websocket"))
    }

    @Test("cookies over several fields")
    func cookies() throws {
        let cookies = try head("/", "Cookie: a=1; b = x=y ;junk; =z\r\nCookie: a=2;c=\r\n").cookies
        #expect(cookies.count == 4)
        #expect(cookies["a"] == "1")
        #expect(cookies["b"] == "x=y")
        #expect(cookies["c"] == "")
        #expect(cookies["junk"] == nil)
    }

    @Test("content type must be single")
    func contentType() throws {
        #expect(try head("/").contentType() == nil)
        let type = try head("/", "Content-Type: Text/CSV; charset=\"utf-8\"; Header=present\r\n").contentType()
        #expect(type?.essence == "text/csv")
        #expect(type?[parameter: "CharSet"] == "utf-8")
        let two = try head("/", "Content-Type: a/b\r\nContent-Type: a/b\r\n")
        #expect(throws: HTTPError.malformed(.mediaType)) { try two.contentType() }
    }
}
