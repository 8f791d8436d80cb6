import HTTP
import HTTPTypes
import PropertySupport
import Testing

@Suite("Field grammars")
struct FieldGrammarTests {
    @Test(
        "media types",
        arguments: [
            ("text/html", "text/html"), (" Text/HTML ;Charset=UTF-8 ", "text/html; charset=UTF-8"),
            ("a/b; c=\"d;\\\"e\"", "a/b; c=\"d;\\\"e\""), ("a/b;", "a/b"),
        ]
    )
    func mediaType(text: String, description: String) throws {
        #expect(try MediaType(parsing: text).description == description)
    }

    @Test(
        "bad media types",
        arguments: ["", "text", "text/", "/html", "a b/c", "a/b; c", "a/b; c=\"d", "a/b; =d", "a/b/c"]
    )
    func badMediaType(text: String) {
        #expect(throws: HTTPError.malformed(.mediaType)) { try MediaType(parsing: text) }
    }

    @Test(
        "media types of files",
        arguments: [
            ("index.html", "text/html; charset=utf-8"), ("/a/b.MJS", "text/javascript; charset=utf-8"),
            ("a.tar.gz", "application/gzip"), ("README", "application/octet-stream"),
            (".html", "application/octet-stream"), ("a.unknown", "application/octet-stream"),
            ("x.css/y", "application/octet-stream"),
        ]
    )
    func fileTypes(path: String, expected: String) {
        #expect(MediaType.contentType(forFile: path) == expected)
    }

    @Test("Accept: weights, specificity, ties (example of RFC 9110 §12.5.1)")
    func acceptExample() throws {
        let accept = try AcceptedMedia(
            parsing:
                "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"
        )
        func quality(_ text: String) throws -> Int { accept.quality(of: try MediaType(parsing: text)) }
        #expect(try quality("text/plain;format=flowed") == 1000)
        #expect(try quality("text/plain") == 700)
        #expect(try quality("text/html") == 300)
        #expect(try quality("image/jpeg") == 500)
        #expect(try quality("text/plain;format=fixed") == 400)
        #expect(try quality("text/html;level=3") == 300)
    }

    @Test("Accept: choice")
    func acceptChoice() throws {
        let offers = [MediaType.json, .eventStream]
        #expect(try AcceptedMedia(parsing: nil).best(of: offers) == .json)
        #expect(try AcceptedMedia(parsing: "").best(of: offers) == .json)
        #expect(try AcceptedMedia(parsing: "*/*").best(of: offers) == .json)
        #expect(try AcceptedMedia(parsing: "text/event-stream, */*;q=0.1").best(of: offers) == .eventStream)
        #expect(try AcceptedMedia(parsing: "application/json;q=0, */*").best(of: offers) == .eventStream)
        #expect(try AcceptedMedia(parsing: "image/png").best(of: offers) == nil)
    }

    @Test(
        "Accept: bad values",
        arguments: ["text", "*/html", "a/b;q=2", "a/b;q=1.001", "a/b;q=0.1234", "a/b;q=x", "a/b;q="]
    )
    func badAccept(text: String) {
        #expect(throws: HTTPError.malformed(.mediaType)) { try AcceptedMedia(parsing: text) }
    }

    private func conditional(_ field: String) throws -> RequestHead {
        try #require(ParserRun("GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n").heads.first)
    }

    @Test("entity tags: lists and both comparisons (RFC 9110 §8.8.3.2)")
    func entityTags() throws {
        let list = try #require(try conditional("If-None-Match: \"a,b\", W/\"c\" ,\"\\\"").ifNoneMatch())
        #expect(list == .tags([EntityTag("a,b"), EntityTag("c", isWeak: true), EntityTag("\\")]))
        #expect(list.matchesWeakly(EntityTag("c")))
        #expect(!list.matchesStrongly(EntityTag("c")))
        #expect(!list.matchesStrongly(EntityTag("c", isWeak: true)))
        #expect(list.matchesStrongly(EntityTag("a,b")))
        #expect(!list.matchesWeakly(EntityTag("d")))
        #expect(!list.matchesWeakly(nil))
        let any = try #require(try conditional("If-Match: *").ifMatch())
        #expect(any.matchesStrongly(EntityTag("x", isWeak: true)))
        #expect(!any.matchesStrongly(nil))
        #expect(try conditional("X: y").ifMatch() == nil)
        #expect(EntityTag("a", isWeak: true).fieldValue == "W/\"a\"")
    }

    @Test("bad entity tags", arguments: ["", "a", "\"a", "w/\"a\"", "*, \"a\"", "\"a\" \"b\"", "W/ \"a\""])
    func badEntityTags(value: String) throws {
        let head = try conditional("If-Match: \(value)")
        #expect(throws: HTTPError.malformed(.entityTag)) { try head.ifMatch() }
    }

    @Test(
        "dates",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ]
    )
    func dates(seconds: Int, text: String) {
        #expect(HTTPDate.format(unixSeconds: seconds) == text)
        #expect(HTTPDate.parse(text, now: 0) == seconds)
    }

    @Test(
        "obsolete dates",
        arguments: [
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777), ("Sun Nov  6 08:49:37 1994", 784_111_777),
            ("Sun Nov 06 08:49:37 1994", 784_111_777), ("Tue Feb 29 00:00:00 2000", 951_782_400),
        ]
    )
    func obsoleteDates(text: String, seconds: Int) {
        #expect(HTTPDate.parse(text, now: 1_800_000_000) == seconds)
    }

    @Test("a year of two digits is at most 50 years in the future")
    func yearsOfTwoDigits() throws {
        let now = try #require(HTTPDate.parse("Fri, 27 Nov 2026 00:00:00 GMT", now: 0))
        // 1 January is a Wednesday in 2076 and a Saturday in 1977; the other reading of each would be another weekday.
        #expect(HTTPDate.parse("Wednesday, 01-Jan-76 00:00:00 GMT", now: now) == 3_345_062_400)
        #expect(HTTPDate.parse("Saturday, 01-Jan-77 00:00:00 GMT", now: now) == 220_924_800)
        #expect(HTTPDate.parse("Thursday, 01-Jan-76 00:00:00 GMT", now: now) == nil)
    }

    @Test("dates survive a round trip, seeded")
    func dateRoundTrip() {
        let seed: UInt64 = 77
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            let seconds = Int.random(in: -62_167_219_200...253_402_300_799, using: &generator)
            #expect(HTTPDate.parse(HTTPDate.format(unixSeconds: seconds), now: 0) == seconds, "seed \(seed)")
        }
    }

    @Test(
        "bad dates",
        arguments: [
            "", "Sunday, 6-Nov-94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Sun, 06-Nov-94 08:49:37 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Wed, 31 Feb 2021 00:00:00 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37", "Sunday,",
            "Sun Nov 06 08:49:37 1994 GMT", "Sun, 06 Nov 1994 08:49:3\u{661} GMT",
        ]
    )
    func badDates(text: String) {
        #expect(HTTPDate.parse(text, now: 0) == nil)
    }

    @Test("percent-encoding round trip over all of a seeded sample of Unicode")
    func percentRoundTrip() throws {
        let seed: UInt64 = 4242
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let scalars = (0..<12).compactMap { _ in UnicodeScalar(UInt32.random(in: 0...0x10FFFF, using: &generator)) }
            let text = String(String.UnicodeScalarView(scalars))
            #expect(try PercentEncoding.decode(PercentEncoding.encode(text)) == text, "seed \(seed)")
            #expect(try PercentEncoding.decode(PercentEncoding.encodePathSegment(text)) == text, "seed \(seed)")
        }
        #expect(PercentEncoding.encode("a b/ä~") == "a%20b%2F%C3%A4~")
        #expect(PercentEncoding.encodePathSegment("a:b@c/d") == "a:b@c%2Fd")
    }

    @Test("Set-Cookie")
    func setCookie() throws {
        let session = SetCookie(name: "s", value: "abc", maxAge: 60, isSecure: true)
        #expect(try session.fieldValue() == "s=abc; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Strict")
        for bad in [
            SetCookie(name: "a b", value: "x"), SetCookie(name: "a", value: "x;y"),
            SetCookie(name: "a", value: "x", path: "/;Domain=b"),
        ] {
            #expect(throws: HTTPError.misuse(.cookie)) { try bad.fieldValue() }
        }
    }
}
