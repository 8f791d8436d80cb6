import Testing

@testable import WebSocket

/// Contexts that are agreed on but not used yet must count, or any number of silent connections could claim theirs at once.
@Suite("Budget for contexts")
struct ContextBudgetTests {
    private let offers = [ExtensionOffer(name: "permessage-deflate")]
    private let text = [UInt8](String(repeating: "live state and approvals; ", count: 20).utf8)

    private func pool(contextBytes: Int) -> DeflatePool {
        var policy = DeflatePolicy()
        policy.keepsServerContext = true
        policy.keepsClientContext = true
        policy.contextBytes = contextBytes
        return DeflatePool(policy: policy)
    }

    /// Connects clients that ask for contexts, and has each receive and send one message.
    private func connect(_ count: Int, to pool: DeflatePool) throws -> [PerMessageDeflate] {
        let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        let connections = try (0..<count).map { _ in
            PerMessageDeflate(try #require(pool.negotiate(offers)).parameters, pool: pool)
        }
        for connection in connections {
            let run = ConnectionRun(Client.frame(.text, hello, bits: .rsv1), messageExtension: connection)
            #expect(run.events == [.text(Array("Hello".utf8))])
            _ = try #require(text.withUnsafeBytes { connection.encode($0) })
        }
        return connections
    }

    @Test("connections that negotiate before any of them speaks stay within the bound together")
    func silentConnections() throws {
        let pool = pool(contextBytes: 1 << 20)
        let connections = try connect(200, to: pool)
        #expect(connections.contains { !$0.parameters.clientNoContextTakeover })
        #expect(connections.contains { $0.parameters.clientNoContextTakeover })
        #expect(pool.keptBytes <= 1 << 20)
    }

    @Test("all that was counted is given back when the connections end")
    func givenBack() throws {
        let pool = pool(contextBytes: 1 << 20)
        do { _ = try connect(50, to: pool) }
        #expect(pool.keptBytes == 0)
        #expect(try #require(pool.negotiate(offers)).parameters.clientNoContextTakeover == false)
    }

    @Test("a bound of zero grants no context and still compresses")
    func nothingGranted() throws {
        let pool = pool(contextBytes: 0)
        let connections = try connect(3, to: pool)
        #expect(connections.allSatisfy { $0.parameters.clientNoContextTakeover })
        #expect(connections.allSatisfy { $0.parameters.serverNoContextTakeover })
        #expect(pool.keptBytes == 0)
    }

    @Test("frames shared by many and messages of our own decode in any order at a peer that keeps its window")
    func sharedFrames() throws {
        let pool = pool(contextBytes: 1 << 20)
        let server = PerMessageDeflate(DeflateParameters(), pool: pool)
        // A peer reads our stream as we would read its own.
        var peer = WebSocketConnection(
            role: .client(nextMaskKey: { 0 }),
            messageExtension: PerMessageDeflate(DeflateParameters(), pool: pool)
        )
        // All of them differ in length: a match found in a window that is not the peer's lands elsewhere there.
        let isShared = [false, false, true, false, true, true, false, false]
        let messages = isShared.indices.map { text.dropLast($0 * 7) + [UInt8](repeating: 0x61, count: $0) }
        var wire: [UInt8] = []
        for (message, isShared) in zip(messages, isShared) {
            if isShared {
                wire += OutgoingMessage(.text, message).frame(for: server)
                server.noteSharedFrameSent()
            } else {
                let payload = try #require(message.withUnsafeBytes { server.encode($0) })
                wire += FrameEncoder.frame(.text, payload: payload, reservedBits: .rsv1)
            }
        }
        peer.receive(wire)
        var replies: [UInt8] = []
        for message in messages { #expect(try peer.next(replyingInto: &replies) == .text(message)) }
    }

    @Test("messages that are begun and never ended hold no more state than they may together")
    func begunMessages() throws {
        var policy = DeflatePolicy()
        policy.inflatingBytes = 10 * DeflateMemory.inflater(windowBits: 15)
        let pool = DeflatePool(policy: policy)
        let begun = Client.frame(.text, [0xF2], final: false, bits: .rsv1)
        var connections: [PerMessageDeflate] = []
        for index in 0..<12 {
            let connection = PerMessageDeflate(try #require(pool.negotiate(offers)).parameters, pool: pool)
            let run = ConnectionRun(begun, messageExtension: connection)
            let isWithin = index < 10
            #expect(run.error == (isWithin ? nil : .limitExceeded(.inflatingBytes, limit: policy.inflatingBytes)))
            #expect(isWithin || run.closeCodeSent == .tryAgainLater)
            connections.append(connection)
        }
        #expect(pool.lentBytes == policy.inflatingBytes)
        connections = []
        #expect(pool.lentBytes == 0)
    }
}
