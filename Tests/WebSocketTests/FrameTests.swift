import PropertySupport
import Testing

@testable import WebSocket

@Suite("Frames")
struct FrameTests {
    @Test("examples of RFC 6455 §5.7")
    func examples() {
        let hello = Array("Hello".utf8)
        #expect(FrameEncoder.frame(.text, payload: hello) == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        #expect(
            Client.frame(.text, hello, key: 0x3D21_FA37)
                == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        )
        #expect(
            FrameEncoder.frame(.binary, payload: [UInt8](repeating: 0, count: 256)).prefix(4) == [0x82, 0x7E, 1, 0]
        )
        #expect(
            FrameEncoder.frame(.binary, payload: [UInt8](repeating: 0, count: 65_536)).prefix(10)
                == [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0]
        )
    }

    @Test("word-wise masking equals the definition, at every offset and length")
    func masking() {
        let seed: UInt64 = 12
        var generator = SeededGenerator(seed: seed)
        for offset in 0..<9 {
            for count in 0..<40 {
                let key = UInt32.random(in: 0...UInt32.max, using: &generator)
                let original = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
                let expected = original.enumerated().map { index, byte in
                    byte ^ UInt8(truncatingIfNeeded: key >> UInt32((index + offset) % 4 * 8))
                }
                var bytes = original
                bytes.withUnsafeMutableBytes { Masking.apply(key: key, offset: offset, to: $0) }
                #expect(bytes == expected, "offset \(offset), count \(count), seed \(seed)")
            }
        }
    }

    @Test("a decoder hands out payload as it arrives")
    func partialPayload() throws {
        var decoder = FrameDecoder(expectsMask: true)
        let frame = Client.frame(.binary, Array(0..<20))
        var payload: [UInt8] = []
        try frame.withUnsafeBytes { bytes in
            var first = UnsafeRawBufferPointer(rebasing: bytes[..<9])
            let header = try #require(try decoder.nextHeader(from: &first))
            #expect(header.length == 20)
            #expect(decoder.readPayload(from: &first, into: &payload) == 3)
            #expect(first.isEmpty)
            #expect(decoder.payloadRemaining == 17)
            var rest = UnsafeRawBufferPointer(rebasing: bytes[9...])
            #expect(decoder.readPayload(from: &rest, into: &payload) == 17)
            #expect(payload == Array(0..<20))
            let next = try decoder.nextHeader(from: &rest)
            #expect(next == nil)
        }
    }

    @Test("a header may arrive in pieces, and no more than it is taken")
    func headerInPieces() throws {
        let frame = Client.frame(.binary, [UInt8](repeating: 9, count: 70_000))
        for cut in 1..<14 {
            var decoder = FrameDecoder(expectsMask: true)
            var payload: [UInt8] = []
            try frame.withUnsafeBytes { bytes in
                var first = UnsafeRawBufferPointer(rebasing: bytes[..<cut])
                let early = try decoder.nextHeader(from: &first)
                #expect(early == nil)
                #expect(first.isEmpty)
                var rest = UnsafeRawBufferPointer(rebasing: bytes[cut...])
                let header = try decoder.nextHeader(from: &rest)
                #expect(header?.length == 70_000)
                #expect(rest.count == 70_000)
                #expect(decoder.readPayload(from: &rest, into: &payload) == 70_000)
            }
            #expect(payload == [UInt8](repeating: 9, count: 70_000))
        }
    }

    @Test("a header is judged as soon as its first bytes are there")
    func earlyHeader() {
        for (bytes, violation) in [
            ([0x83], WebSocketError.Violation.opcode), ([0x09], .fragmentedControlFrame), ([0x81, 0x05], .unmasked),
            ([0x89, 0xFE], .controlFrameTooLong), ([0x82, 0xFE, 0, 125], .lengthEncoding),
        ] as [([UInt8], WebSocketError.Violation)] {
            var decoder = FrameDecoder(expectsMask: true)
            bytes.withUnsafeBytes { bytes in
                var input = bytes
                #expect(throws: WebSocketError.protocolViolation(violation)) {
                    _ = try decoder.nextHeader(from: &input)
                }
            }
        }
    }
}
