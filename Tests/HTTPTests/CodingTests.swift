import CZlib
import HTTP
import HTTPTypes
import PropertySupport
import Testing

@Suite("Content codings")
struct CodingTests {
    @Test(
        "Accept-Encoding: the best of what there is",
        arguments: [
            (nil, .identity), ("", .identity), ("gzip", .gzip), ("GZIP", .gzip), ("x-gzip", .gzip), ("br", .brotli),
            ("gzip, deflate, br, zstd", .brotli), ("gzip;q=1.0, br;q=0.9", .gzip), ("deflate", .identity),
            ("gzip;q=0.001", .gzip), ("gzip;q=0", .identity), ("*", .brotli), ("br;q=0, *", .gzip),
            ("*;q=0.5, gzip;q=0.6", .gzip), ("identity, gzip;q=0.5", .identity), ("identity;q=0.1, gzip;q=0.2", .gzip),
            ("identity;q=0", nil), ("*;q=0", nil), ("*;q=0, gzip", .gzip), ("identity;q=0, deflate", nil),
            ("*;q=0, identity", .identity), ("gzip;q=2", .identity), ("gzip;q=0.1234", .identity),
            ("gzip;level=9", .identity), ("gzip;q", .identity), ("gzip ; Q=0.5", .gzip), ("g zip", .identity),
            ("gzip, gzip;q=0", .identity), (",,gzip,,", .gzip),
        ] as [(String?, ContentCoding?)]
    )
    func choice(value: String?, expected: ContentCoding?) {
        #expect(AcceptedCodings(parsing: value).best(of: [.brotli, .gzip, .identity]) == expected)
    }

    @Test("gzip is undone by zlib, whatever the content", arguments: [0, 1, 1023, 65_536, 1_000_000])
    func gzipRoundTrip(size: Int) throws {
        let seed: UInt64 = 0x6717 &+ UInt64(size)
        var generator = SeededGenerator(seed: seed)
        let random = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let text = (0..<size).map { _ in UInt8.random(in: 0x61...0x64, using: &generator) }
        for content in [random, text] {
            for effort in [Gzip.Effort.fast, .thorough] {
                let coded = try #require(Gzip.compress(content, effort))
                #expect(coded.starts(with: [0x1F, 0x8B, 8]) && coded[4..<8].allSatisfy { $0 == 0 })
                #expect(try inflated(coded, room: size) == content, "seed \(seed)")
            }
        }
        if size > 1000 { #expect(try #require(Gzip.compress(text, .fast)).count < size / 2) }
    }

    @Test func theTagsOfTheCodingsOfOneRepresentationDiffer() {
        let tags = ContentCoding.allCases.map { EntityTag("a").coded($0) }
        #expect(Set(tags).count == ContentCoding.allCases.count)
        #expect(tags.allSatisfy { $0.uncoded == EntityTag("a") })
        #expect(EntityTag("a", isWeak: true).coded(.gzip).fieldValue == "W/\"a-gz\"")
    }

    @Test(
        "what is worth compressing",
        arguments: [
            ("text/html; charset=utf-8", true), ("application/json", true), ("application/problem+json", true),
            ("image/svg+xml", true), ("text/csv", true), ("application/wasm", true), ("text/event-stream", false),
            ("image/png", false), ("font/woff2", false), ("application/gzip", false),
            ("application/octet-stream", false),
        ]
    )
    func compressible(type: String, expected: Bool) throws {
        #expect(try MediaType(parsing: type).isCompressible == expected)
    }

    /// What a decoder that is not ours makes of `coded`; the whole of it must be one member.
    private func inflated(_ coded: [UInt8], room: Int) throws -> [UInt8] {
        var stream = z_stream()
        try #require(czlib_inflate_init(&stream, 31) == Z_OK)
        defer { inflateEnd(&stream) }
        var input = coded
        var output = [UInt8](repeating: 0, count: room + 1)
        let code = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        try #require(code == Z_STREAM_END && stream.avail_in == 0)
        return Array(output[..<Int(stream.total_out)])
    }
}
