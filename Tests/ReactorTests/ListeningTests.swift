import Glibc
import Testing

@testable import Reactor

@Suite struct ListeningTests {
    private let loopback = SocketAddress(host: "127.0.0.1", port: 0)

    @Test func aTakenPortIsRefusedAlsoWhenItsOwnerSharesIt() throws {
        let address = try #require(loopback)
        let owners = try ListeningSocket.open(address, count: 2)
        defer { for owner in owners { owner.close() } }
        let taken = try #require(owners.first?.address)
        #expect(taken.port != 0)
        #expect(owners.allSatisfy { $0.address == taken })
        do {
            for socket in try ListeningSocket.open(taken, count: 1) { socket.close() }
            Issue.record("a second server could listen on \(taken)")
        } catch {
            #expect(error.isAddressInUse)
        }
    }

    @Test func aPortIsFreeAgainAfterItsOwner() throws {
        let address = try #require(loopback)
        let first = try ListeningSocket.open(address, count: 2)
        let taken = try #require(first.first?.address)
        for socket in first { socket.close() }
        for socket in try ListeningSocket.open(taken, count: 2) { socket.close() }
    }

    @Test func anAddressOfAnotherMachineIsRefused() throws {
        let address = try #require(SocketAddress(host: "192.0.2.1", port: 0))
        #expect(throws: SystemError.self) { _ = try ListeningSocket.open(address, count: 1) }
    }

    @Test func whoTakesAConnectionMayCloseTheAcceptor() async throws {
        try await withWorkers { workers in
            let address = try #require(loopback)
            let socket = try #require(try ListeningSocket.open(address, count: 1).first)
            let accepted = Journal<Int32>()
            // All wait in the backlog when the loop first looks, so that they come in one batch.
            let peers = try (0..<3).map { _ in try Peer(to: socket.address) }
            try await workers.local.run { worker in
                let box = AcceptorBox()
                box.acceptor = try Acceptor(
                    socket,
                    on: worker.loop,
                    onAccept: { descriptor, _ in
                        accepted.add(descriptor)
                        // Taken out, as the two would keep each other alive.
                        box.acceptor.take()?.close()
                    },
                    onExhaustion: { _ in }
                )
            }
            let descriptors = await accepted.wait { !$0.isEmpty }
            await workers.local.sleep(for: .milliseconds(5))
            #expect(accepted.all.count == 1)
            for descriptor in descriptors { close(descriptor) }
            let endings = await onThread { peers.map { $0.receiveAll().ending } }
            #expect(endings.contains(.end))
        }
    }

    @Test(arguments: [
        ("127.0.0.1", UInt16(80), "127.0.0.1:80", true), ("::1", 8080, "[::1]:8080", true),
        ("10.0.0.1", 1, "10.0.0.1:1", false), ("::ffff:127.0.0.1", 1, "[::ffff:127.0.0.1]:1", true),
    ])
    func addressesAreReadAndWritten(host: String, port: UInt16, text: String, isLoopback: Bool) throws {
        let address = try #require(SocketAddress(host: host, port: port))
        #expect(address.description == text)
        #expect(address.isLoopback == isLoopback)
    }

    @Test(arguments: ["", "localhost", "256.0.0.1", "1.2.3", "::g", "127.0.0.1 "])
    func whatIsNoNumericAddressIsRefused(host: String) {
        #expect(SocketAddress(host: host, port: 1) == nil)
    }
}

private final class AcceptorBox {
    var acceptor: Acceptor?
}
