import Foundation
import HTTP
import HTTPTypes
import Server
import Testing

@testable import Gateway

/// What a file answers to conditions, codings and ranges, without a server around it.
struct StaticFileTests {
    private static let now = 1_800_000_000
    private static let modified = 784_111_777
    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let text = Array(String(repeating: "all work and no play\n", count: 200).utf8)
    private static let file = StaticFile(content: text, contentType: "text/plain", lastModified: modified)

    private func ask(
        _ file: StaticFile = Self.file,
        _ fields: HTTPFields = [:],
        method: HTTPRequest.Method = .get
    ) throws -> (status: Int, headers: HTTPFields, content: [UInt8]) {
        let head = RequestHead(method: method, target: "/x", headers: fields)
        let response: Response
        do {
            response = try file.answer(head, now: Self.now)
        } catch let problem as Problem {
            response = Response(problem)
        }
        guard case .bytes(let content) = response.body else { throw Missing(description: "no bytes") }
        return (response.status.code, response.headers, content)
    }

    @Test func theBestAcceptedCodingIsServed() throws {
        let plain = try ask()
        #expect(plain.status == 200 && plain.content == Self.text && plain.headers[.contentEncoding] == nil)
        let coded = try ask(Self.file, [.acceptEncoding: "gzip, br"])
        #expect(coded.status == 200 && coded.headers[.contentEncoding] == "gzip")
        #expect(coded.content.count < Self.text.count / 4 && coded.content.starts(with: [0x1F, 0x8B]))
        #expect(coded.headers[.contentType] == "text/plain")
        #expect(coded.headers[.eTag] != plain.headers[.eTag] && coded.headers[.eTag]?.hasSuffix("-gz\"") == true)
        for answer in [plain, coded] {
            #expect(answer.headers[.vary] == "accept-encoding" && answer.headers[.acceptRanges] == "bytes")
            #expect(answer.headers[.lastModified] == Self.date)
        }
        let refused = try ask(Self.file, [.acceptEncoding: "identity;q=0, deflate"])
        #expect(refused.status == 406 && refused.headers[.contentType] == "application/problem+json")
        #expect(try ask(Self.file, [.acceptEncoding: "identity;q=0, *"]).headers[.contentEncoding] == "gzip")
    }

    @Test func whatDoesNotShrinkHasOneCoding() throws {
        for file in [
            StaticFile(content: Array("short".utf8), contentType: "text/plain"),
            StaticFile(content: Self.text, contentType: "image/png"),
            StaticFile(content: Self.text, contentType: "image/png", coded: [.brotli: Self.text + Self.text]),
        ] {
            let answer = try ask(file, [.acceptEncoding: "gzip, br"])
            #expect(answer.headers[.contentEncoding] == nil && answer.headers[.vary] == nil)
        }
    }

    @Test func conditionsAreAboutTheChosenCoding() throws {
        let plain = try #require(try ask().headers[.eTag])
        let coded = try #require(try ask(Self.file, [.acceptEncoding: "gzip"]).headers[.eTag])
        let known = try ask(Self.file, [.acceptEncoding: "gzip", .ifNoneMatch: coded])
        #expect(known.status == 304 && known.content.isEmpty && known.headers[.eTag] == coded)
        #expect(known.headers[.vary] == "accept-encoding" && known.headers[.contentEncoding] == nil)
        #expect(known.headers[.contentType] == nil && known.headers[.cacheControl] == "no-cache")
        #expect(try ask(Self.file, [.acceptEncoding: "gzip", .ifNoneMatch: plain]).status == 200)
        #expect(try ask(Self.file, [.ifModifiedSince: Self.date]).status == 304)
        #expect(try ask(Self.file, [.ifModifiedSince: Self.date], method: .head).status == 304)
        #expect(try ask(Self.file, [.ifMatch: plain]).status == 200)
        let failed = try ask(Self.file, [.ifMatch: "\"other\""])
        #expect(failed.status == 412 && failed.headers[.contentType] == "application/problem+json")
        #expect(try ask(Self.file, [.ifUnmodifiedSince: "Sun, 06 Nov 1994 08:49:36 GMT"]).status == 412)
    }

    @Test func oneRangeIsAPartOfTheChosenCoding() throws {
        let part = try ask(Self.file, [.range: "bytes=4-7"])
        #expect(part.status == 206 && part.content == Array("work".utf8))
        #expect(part.headers[.contentRange] == "bytes 4-7/\(Self.text.count)")
        #expect(part.headers[.contentType] == "text/plain" && part.headers[.eTag] != nil)
        let end = try ask(Self.file, [.range: "bytes=-5"])
        #expect(end.content == Array("play\n".utf8))
        let whole = try ask(Self.file, [.acceptEncoding: "gzip"]).content
        let coded = try ask(Self.file, [.acceptEncoding: "gzip", .range: "bytes=10-"])
        #expect(coded.status == 206 && coded.content == Array(whole[10...]))
        #expect(coded.headers[.contentEncoding] == "gzip")
        #expect(coded.headers[.contentRange] == "bytes 10-\(whole.count - 1)/\(whole.count)")
    }

    @Test func severalRangesComeAsPartsOfOneContent() throws {
        let answer = try ask(Self.file, [.range: "bytes=4-7, 0-2"])
        let boundary = try #require(answer.headers[.contentType]?.split(separator: "=").last)
        #expect(answer.status == 206 && answer.headers[.contentRange] == nil)
        #expect(answer.headers[.contentType] == "multipart/byteranges; boundary=\(boundary)")
        let length = Self.text.count
        let expected = """
            --\(boundary)\r\ncontent-type: text/plain\r\ncontent-range: bytes 4-7/\(length)\r\n\r\nwork\r\n\
            --\(boundary)\r\ncontent-type: text/plain\r\ncontent-range: bytes 0-2/\(length)\r\n\r\nall\r\n\
            --\(boundary)--\r\n
            """
        #expect(String(decoding: answer.content, as: UTF8.self) == expected)
    }

    @Test func rangesThatCannotOrNeedNotBeServed() throws {
        let beyond = try ask(Self.file, [.range: "bytes=4200-"])
        #expect(beyond.status == 416 && beyond.headers[.contentRange] == "bytes */4200")
        #expect(beyond.headers[.contentType] == "application/problem+json")
        let many = (0...16).map { "\($0)-\($0)" }.joined(separator: ",")
        for range in ["bytes=0-9,5-14", "bytes=\(many)", "lines=0-1", "bytes=2-1"] {
            let answer = try ask(Self.file, [.range: range])
            #expect(answer.status == 200 && answer.content == Self.text, "\(range)")
        }
        #expect(try ask(Self.file, [.range: "bytes=0-1"], method: .head).status == 200)
        #expect(try ask(Self.file, [.range: "bytes=0-1", .ifRange: "\"other\""]).status == 200)
        #expect(try ask(Self.file, [.range: "bytes=0-1", .ifRange: Self.date]).status == 206)
        let tag = try #require(try ask().headers[.eTag])
        #expect(try ask(Self.file, [.range: "bytes=0-1", .ifRange: tag]).status == 206)
        #expect(try ask(Self.file, [.acceptEncoding: "gzip", .range: "bytes=0-1", .ifRange: tag]).status == 200)
        // What is not to be served at all has no parts either.
        #expect(try ask(Self.file, [.range: "bytes=4200-", .ifNoneMatch: tag]).status == 304)
        #expect(try ask(Self.file, [.range: "bytes=4200-", .ifMatch: "\"other\""]).status == 412)
    }

    @Test func whatWasCompressedBeforehandIsUsedUnlessItIsOlder() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func write(_ name: String, _ content: [UInt8], at seconds: Int) throws {
            let place = folder.appending(path: name)
            try Data(content).write(to: place)
            let date = Date(timeIntervalSince1970: Double(seconds))
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: place.path)
        }
        try write("a.txt", Self.text, at: Self.modified)
        try write("a.txt.br", Array("brotli".utf8), at: Self.modified)
        try write("b.txt", Self.text, at: Self.modified)
        try write("b.txt.br", Array("outdated".utf8), at: Self.modified - 1)
        try write("c.gz", Array("alone".utf8), at: Self.modified)
        try write("d.txt", Self.text, at: 4_000_000_000)
        let files = try StaticFolder(root: folder.path).files
        #expect(Set(files.keys) == ["/a.txt", "/b.txt", "/c.gz", "/d.txt"])
        let coded = try ask(try #require(files["/a.txt"]), [.acceptEncoding: "br, gzip"])
        #expect(coded.content == Array("brotli".utf8) && coded.headers[.contentEncoding] == "br")
        #expect(coded.headers[.lastModified] == Self.date && coded.headers[.eTag]?.hasSuffix("-br\"") == true)
        let other = try ask(try #require(files["/b.txt"]), [.acceptEncoding: "br, gzip"])
        #expect(other.headers[.contentEncoding] == "gzip")
        let alone = try ask(try #require(files["/c.gz"]), [.acceptEncoding: "gzip"])
        #expect(alone.content == Array("alone".utf8) && alone.headers[.contentEncoding] == nil)
        let future = try #require(files["/d.txt"]?.lastModified)
        #expect(future < 4_000_000_000)
    }
}
