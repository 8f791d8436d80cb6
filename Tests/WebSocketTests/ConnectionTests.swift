import PropertySupport
import Testing
import WebSocket

@Suite("WebSocket connection")
struct ConnectionTests {
    @Test("events, error and close code", arguments: ConnectionCase.all)
    func outcome(_ testCase: ConnectionCase) {
        let run = ConnectionRun(testCase.bytes)
        #expect(run.events == testCase.events)
        #expect(run.error == testCase.error)
        if let error = testCase.error {
            #expect(run.closeCodeSent == error.closeCode)
            #expect(run.state == .closed)
        }
    }

    @Test("any cut gives the same events and answers", arguments: ConnectionCase.all)
    func cuts(_ testCase: ConnectionCase) {
        let seed: UInt64 = 0xF4A3
        var generator = SeededGenerator(seed: seed)
        let whole = ConnectionRun(testCase.bytes)
        for cut in 1..<min(testCase.bytes.count, 40) {
            #expect(ConnectionRun(testCase.bytes, cuts: [cut]) == whole, "cut at \(cut)")
        }
        if testCase.bytes.count < 300 {
            #expect(ConnectionRun(testCase.bytes, cuts: Array(1..<testCase.bytes.count)) == whole, "byte by byte")
        }
        for _ in 0..<5 {
            let cuts = generator.cuts(below: testCase.bytes.count, limit: 9)
            #expect(ConnectionRun(testCase.bytes, cuts: cuts) == whole, "cut at \(cuts), seed \(seed)")
            var pauses = 0
            let asServed = ConnectionRun(testCase.bytes, steps: 2, cuts: cuts, pauses: &pauses)
            #expect(asServed == whole, "as served, cut at \(cuts), seed \(seed)")
        }
    }

    @Test("random traffic: messages arrive as sent, however fragmented and cut")
    func randomTraffic() {
        let seed: UInt64 = 0x7AFF_1C
        var generator = SeededGenerator(seed: seed)
        for round in 0..<200 {
            var wire: [UInt8] = []
            var expected: [WebSocketEvent] = []
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let size = [0, 3, 125, 126, 300, 5_000].randomElement(using: &generator) ?? 0
                let payload = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
                let splits = [0] + generator.cuts(below: size, limit: 4) + [size]
                for (index, (start, end)) in zip(splits, splits.dropFirst()).enumerated() {
                    let isLast = index == splits.count - 2
                    let key = UInt32.random(in: 0...UInt32.max, using: &generator)
                    let opcode: Opcode = index == 0 ? .binary : .continuation
                    wire += Client.frame(opcode, Array(payload[start..<end]), final: isLast, key: key)
                    if !isLast, Bool.random(using: &generator) {
                        wire += Client.frame(.ping, [UInt8(index)], key: key)
                        expected.append(.ping([UInt8(index)]))
                    }
                }
                expected.append(.binary(payload))
            }
            let cuts = generator.cuts(below: wire.count, limit: 20)
            let run = ConnectionRun(wire, cuts: cuts)
            #expect(run.events == expected, "round \(round), seed \(seed)")
            var pauses = 0
            #expect(ConnectionRun(wire, steps: 1, cuts: cuts, pauses: &pauses) == run, "round \(round), seed \(seed)")
            #expect(run.error == nil, "round \(round), seed \(seed)")
        }
    }

    @Test("random bytes: no crash, and cuts change nothing")
    func randomBytes() {
        let seed: UInt64 = 99
        var generator = SeededGenerator(seed: seed)
        for round in 0..<2_000 {
            var bytes = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            // Most random first bytes are refused at once; these two lead deeper.
            bytes[0] = [0x81, 0x01, 0x82, 0x88, 0x89, bytes[0]].randomElement(using: &generator) ?? 0
            if bytes.count > 1 { bytes[1] |= 0x80 }
            let cuts = generator.cuts(below: bytes.count, limit: 6)
            #expect(ConnectionRun(bytes, cuts: cuts) == ConnectionRun(bytes), "round \(round), seed \(seed)")
        }
    }

    @Test("impossible UTF-8 fails at its first byte, before frame and message end")
    func earlyUTF8() {
        let payload: [UInt8] = Array("κόσμε".utf8) + [0xF4, 0x90, 0x80, 0x80] + Array("edited".utf8)
        let frame = Client.frame(.text, payload, final: false)
        let run = ConnectionRun(frame, cuts: Array(1..<frame.count))
        let headerSize = 6
        #expect(run.error == .invalidUTF8)
        #expect(run.bytesUntilError == headerSize + 10 + 2)
    }

    @Test("pong carries the ping's payload and keeps its place among the answers")
    func pong() {
        let run = ConnectionRun(Client.frame(.ping, [1, 2]) + Client.frame(.ping, [3]) + Client.close(1000))
        #expect(run.output == [0x8A, 2, 1, 2, 0x8A, 1, 3, 0x88, 2, 0x03, 0xE8])
        #expect(run.state == .closed)
    }

    @Test("the limits, refused from the header")
    func limits() {
        let limits = WebSocketLimits(frameBytes: 10, messageBytes: 15, fragments: 3)
        func head(_ opcode: Opcode, _ length: UInt8, final: Bool) -> [UInt8] {
            [(final ? 0x80 : 0) | opcode.rawValue, 0x80 | length, 0, 0, 0, 0]
        }
        let ten = [UInt8](repeating: 0, count: 10)
        #expect(ConnectionRun(Client.frame(.binary, ten), limits: limits).events == [.binary(ten)])
        let frame = ConnectionRun(head(.binary, 11, final: true), limits: limits)
        #expect(frame.error == .limitExceeded(.frameBytes, limit: 10))
        #expect(frame.closeCodeSent == .messageTooBig)
        let first = Client.frame(.binary, ten, final: false)
        let message = ConnectionRun(first + head(.continuation, 6, final: true), limits: limits)
        #expect(message.error == .limitExceeded(.messageBytes, limit: 15))
        let fits = ConnectionRun(first + Client.frame(.continuation, [1, 2, 3, 4, 5]), limits: limits)
        #expect(fits.events == [.binary(ten + [1, 2, 3, 4, 5])])
        let empty = Client.frame(.binary, final: false) + Client.frame(.continuation, final: false)
        #expect(ConnectionRun(empty + Client.frame(.continuation), limits: limits).events == [.binary([])])
        let many = ConnectionRun(empty + empty.suffix(6) + head(.continuation, 0, final: true), limits: limits)
        #expect(many.error == .limitExceeded(.fragments, limit: 3))
    }

    @Test("65 536 fragments and 16 MiB pass where the limits allow them")
    func large() {
        let limits = WebSocketLimits(frameBytes: 1 << 24, messageBytes: 1 << 24, fragments: 1 << 16)
        let payload = [UInt8](repeating: 0x61, count: 1 << 24)
        #expect(ConnectionRun(Client.frame(.text, payload), limits: limits).events == [.text(payload)])
        var wire: [UInt8] = []
        for index in 0..<65_536 {
            wire += Client.frame(index == 0 ? .text : .continuation, [0x62], final: index == 65_535)
        }
        let expected = [UInt8](repeating: 0x62, count: 65_536)
        #expect(ConnectionRun(wire, limits: limits).events == [.text(expected)])
    }

    @Test("an error is repeated and the bytes are gone")
    func dead() {
        var connection = WebSocketConnection()
        var output: [UInt8] = []
        connection.receive([0x83, 0x80])
        #expect(throws: WebSocketError.protocolViolation(.opcode)) { try connection.next(replyingInto: &output) }
        let once = output
        connection.receive(Client.text("x"))
        #expect(throws: WebSocketError.protocolViolation(.opcode)) { try connection.next(replyingInto: &output) }
        #expect(output == once)
        #expect(throws: WebSocketError.notOpen) { try connection.sendText([], into: &output) }
    }
}
