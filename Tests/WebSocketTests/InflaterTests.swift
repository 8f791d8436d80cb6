import PropertySupport
import Testing

@testable import WebSocket

@Suite("End of a compressed message")
struct InflaterTests {
    /// "Hello" in one block, as RFC 7692 §7.2.3.1 has it.
    private let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
    /// The same in a block marked as the last one, without the empty block that §7.2.3.4 adds.
    private let finalHello: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
    /// A stored block of nine bytes "123456789" and the header of the empty block that ends the message.
    private let stored: [UInt8] = [0x00, 0x09, 0x00, 0xF6, 0xFF] + Array("123456789".utf8) + [0x00]

    private func run(_ payloads: [[UInt8]], keepingContext: Bool) -> ConnectionRun {
        let parameters = DeflateParameters(clientNoContextTakeover: !keepingContext)
        let deflate = PerMessageDeflate(parameters, pool: DeflatePool(policy: DeflatePolicy()))
        let wire = payloads.flatMap { Client.frame(.binary, $0, bits: .rsv1) }
        return ConnectionRun(wire, messageExtension: deflate)
    }

    @Test("a message cut short anywhere is refused, never delivered in part", arguments: [false, true])
    func truncated(keepingContext: Bool) {
        for whole in [hello, stored] {
            #expect(run([whole], keepingContext: keepingContext).error == nil)
            // One byte of zero is what an empty message looks like (RFC 7692 §7.2.3.6).
            for length in 1..<whole.count where whole[..<length] != [0x00] {
                let cut = run([Array(whole[..<length])], keepingContext: keepingContext)
                #expect(cut.events.isEmpty, "\(length) bytes of \(whole)")
                #expect(cut.error == .extensionFailed, "\(length) bytes of \(whole)")
            }
        }
    }

    @Test("a last block ends its message, with or without an empty block after it", arguments: [false, true])
    func finalBlock(keepingContext: Bool) {
        let expected = [WebSocketEvent](repeating: .binary(Array("Hello".utf8)), count: 4)
        let messages = [finalHello, hello, finalHello + [0x00], hello]
        let result = run(messages, keepingContext: keepingContext)
        #expect(result.events == expected)
        #expect(result.error == nil)
    }

    @Test("what follows a last block may refer to what came before it")
    func windowOutlivesFinalBlock() {
        // The second "Hello" of RFC 7692 §7.2.3.2 is a match five bytes back.
        let again: [UInt8] = [0xF2, 0x00, 0x11, 0x00, 0x00]
        let expected = [WebSocketEvent](repeating: .binary(Array("Hello".utf8)), count: 2)
        #expect(run([finalHello, again], keepingContext: true).events == expected)
        #expect(run([finalHello, again], keepingContext: false).error == .extensionFailed)
    }

    @Test("what zlib writes is taken whole, however it is cut, also where it fills the last piece", arguments: 9...15)
    func accepted(windowBits: Int) throws {
        var random = SeededGenerator(seed: UInt64(windowBits))
        let sizes =
            [0, 1, 16_383, 16_384, 16_385, 32_768, 49_152]
            + (0..<6).map { _ in Int.random(in: 2...70_000, using: &random) }
        let parameters = DeflateParameters(serverMaxWindowBits: windowBits, clientMaxWindowBits: windowBits)
        for level in [1, 9] {
            let deflater = try #require(Deflater(windowBits: windowBits, level: level))
            // Few letters compress; all of them come out as stored blocks.
            let messages = sizes.map { size in
                let most = UInt8.random(in: 0...1, using: &random) * 252 + 3
                return (0..<size).map { _ in UInt8.random(in: 0...most, using: &random) }
            }
            let wire = try messages.flatMap { message in
                Client.frame(.binary, try #require(deflater.deflate(message)), bits: .rsv1)
            }
            let cuts = random.cuts(below: wire.count, limit: 40)
            let deflate = PerMessageDeflate(parameters, pool: DeflatePool(policy: DeflatePolicy()))
            let run = ConnectionRun(wire, messageExtension: deflate, cuts: cuts)
            #expect(run.error == nil)
            #expect(run.events == messages.map { .binary($0) })

            var pauses = 0
            let sharing = PerMessageDeflate(parameters, pool: DeflatePool(policy: DeflatePolicy()))
            let steps = Int.random(in: 1...5, using: &random)
            #expect(ConnectionRun(wire, steps: steps, messageExtension: sharing, pauses: &pauses) == run)
            // No more than what fills one of the inflater's pieces comes out beyond the steps.
            let mostAtOnce = steps * WebSocketConnection.bytesPerStep + 16_384
            #expect(pauses >= messages.reduce(0) { $0 + $1.count } / mostAtOnce)
        }
    }

    @Test("what inflates to nothing takes visits as well")
    func emptyBlocksInShares() {
        var blocks: [UInt8] = []
        for _ in 0..<10_000 { blocks += [0x00, 0x00, 0x00, 0xFF, 0xFF] }
        blocks.append(0x00)
        var pauses = 0
        let run = ConnectionRun(
            Client.frame(.binary, blocks, bits: .rsv1),
            steps: 8,
            messageExtension: PerMessageDeflate(DeflateParameters(), pool: DeflatePool(policy: DeflatePolicy())),
            pauses: &pauses
        )
        #expect(run.events == [.binary([])])
        #expect(run.error == nil)
        #expect(pauses >= 20)
    }

    @Test("a bomb takes as many visits as its size wants, and its limit holds")
    func bombInShares() throws {
        let deflater = try #require(Deflater(windowBits: 15, level: 9))
        let bomb = try #require(deflater.deflate([UInt8](repeating: 0, count: 1 << 20)))
        let wire = Client.frame(.binary, bomb, bits: .rsv1)
        for limit in [1 << 20, 1 << 19] {
            var pauses = 0
            let run = ConnectionRun(
                wire,
                steps: 8,
                limits: WebSocketLimits(frameBytes: 1 << 16, messageBytes: limit),
                messageExtension: PerMessageDeflate(DeflateParameters(), pool: DeflatePool(policy: DeflatePolicy())),
                pauses: &pauses
            )
            #expect(run.error == (limit < 1 << 20 ? .limitExceeded(.messageBytes, limit: limit) : nil))
            #expect(run.events == (limit < 1 << 20 ? [] : [.binary([UInt8](repeating: 0, count: 1 << 20))]))
            #expect(pauses >= limit / (8 * WebSocketConnection.bytesPerStep + 16_384))
        }
    }
}
