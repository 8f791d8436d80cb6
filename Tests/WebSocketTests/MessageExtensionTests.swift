import Testing
import WebSocket

/// An extension that is easy to predict: RSV1 marks messages whose bytes are inverted.
final class InvertingExtension: MessageExtension {
    let reservedBits = ReservedBits.rsv1
    var piecesMarkedLast = 0

    func decode(
        _ piece: inout UnsafeRawBufferPointer,
        isLast: Bool,
        into message: inout [UInt8],
        limit: Int,
        share: Int
    ) throws(WebSocketError) -> Bool {
        if message.count + piece.count > limit { throw .limitExceeded(.messageBytes, limit: limit) }
        if piece.elementsEqual([0xEE]) { throw .extensionFailed }
        message += piece.map { ~$0 }
        if isLast { piecesMarkedLast += 1 }
        piece = UnsafeRawBufferPointer(rebasing: piece[piece.count...])
        return true
    }

    func encode(_ payload: UnsafeRawBufferPointer) -> [UInt8]? {
        payload.isEmpty ? nil : payload.map { ~$0 }
    }
}

@Suite("Extension seam")
struct MessageExtensionTests {
    private func inverted(_ text: String) -> [UInt8] { text.utf8.map { ~$0 } }

    @Test("marked messages are decoded, across fragments and cuts, exactly one last piece each")
    func decodes() {
        let wire =
            Client.frame(.text, inverted("a€"), final: false, bits: .rsv1) + Client.frame(.ping)
            + Client.frame(.continuation, inverted("b")) + Client.text("plain")
            + Client.frame(.text, inverted("c"), final: false, bits: .rsv1) + Client.frame(.continuation)
        let expected: [WebSocketEvent] = [
            .ping([]), .text(Array("a€b".utf8)), .text(Array("plain".utf8)), .text(Array("c".utf8)),
        ]
        for cuts in [[], Array(1..<wire.count)] {
            let inverting = InvertingExtension()
            let run = ConnectionRun(wire, messageExtension: inverting, cuts: cuts)
            #expect(run.events == expected)
            #expect(run.error == nil)
            #expect(inverting.piecesMarkedLast == 2)
        }
    }

    @Test("its bit is refused on continuations and control frames, other bits everywhere")
    func bits() {
        let first = Client.frame(.text, inverted("a"), final: false, bits: .rsv1)
        for bad in [
            first + Client.frame(.continuation, [1], bits: .rsv1), Client.frame(.ping, bits: .rsv1),
            Client.frame(.text, bits: .rsv2), Client.frame(.text, bits: [.rsv1, .rsv3]),
        ] {
            let run = ConnectionRun(bad, messageExtension: InvertingExtension())
            #expect(run.error == .protocolViolation(.reservedBits))
        }
    }

    @Test("decoded text is checked, and the extension's own errors close the connection")
    func errors() {
        let bad = ConnectionRun(Client.frame(.text, [0x00], bits: .rsv1), messageExtension: InvertingExtension())
        #expect(bad.error == .invalidUTF8)
        let failed = ConnectionRun(Client.frame(.text, [0xEE], bits: .rsv1), messageExtension: InvertingExtension())
        #expect(failed.error == .extensionFailed)
        #expect(failed.closeCodeSent == .invalidPayload)
    }

    @Test("outgoing messages carry the bit only where they were encoded")
    func encodes() throws {
        var connection = WebSocketConnection(messageExtension: InvertingExtension())
        var output: [UInt8] = []
        try connection.sendBinary([0x0F], into: &output)
        try connection.sendBinary([], into: &output)
        #expect(output == [0xC2, 1, 0xF0, 0x82, 0])
    }
}
