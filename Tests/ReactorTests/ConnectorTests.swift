import Glibc
import Locking
import Testing

@testable import Reactor

@Suite struct ConnectorTests {
    /// What came of an attempt; the descriptor is closed.
    private func outcome(
        of address: SocketAddress,
        within timeout: Duration = .seconds(5)
    ) async throws -> Result<Int32, SystemError>? {
        let journal = Journal<Result<Int32, SystemError>>()
        try await withWorkers { workers in
            await workers.local.run { worker in
                do throws(SystemError) {
                    _ = try Connector(to: address, on: worker.loop, within: timeout) { result in
                        if case .success(let descriptor) = result { close(descriptor) }
                        journal.add(result)
                    }
                } catch {
                    journal.add(.failure(error))
                }
            }
            await journal.wait { !$0.isEmpty }
        }
        return journal.all.first
    }

    @Test func whoListensIsReached() async throws {
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let sockets = try ListeningSocket.open(any, count: 1)
        defer { for socket in sockets { socket.close() } }
        guard case .success = try await outcome(of: sockets[0].address) else {
            Issue.record("not connected")
            return
        }
    }

    @Test func aPortWithoutAListenerRefuses() async throws {
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let sockets = try ListeningSocket.open(any, count: 1)
        let address = sockets[0].address
        for socket in sockets { socket.close() }
        #expect(try await outcome(of: address) == .failure(SystemError("connect", code: ECONNREFUSED)))
    }

    @Test func aPathWithoutASocketFailsAtOnce() async throws {
        let nowhere = try #require(SocketAddress(unixPath: "/nowhere/at/all"))
        #expect(try await outcome(of: nowhere) == .failure(SystemError("connect", code: ENOENT)))
    }

    /// A listener whose backlog is full does not answer.
    @Test func patienceEnds() async throws {
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let sockets = try ListeningSocket.open(any, count: 1, backlog: 0)
        defer { for socket in sockets { socket.close() } }
        let first = try Peer(to: sockets[0].address)
        defer { withExtendedLifetime(first) {} }
        let result = try await outcome(of: sockets[0].address, within: .milliseconds(50))
        #expect(result == .failure(SystemError("connect", code: ETIMEDOUT)))
    }

    @Test func whoGivesUpIsNotTold() async throws {
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let sockets = try ListeningSocket.open(any, count: 1)
        defer { for socket in sockets { socket.close() } }
        let told = Atomic(false)
        try await withWorkers { workers in
            try await workers.local.run { worker throws(SystemError) in
                let connector = try Connector(to: sockets[0].address, on: worker.loop, within: .seconds(5)) { _ in
                    told.store(true, ordering: .relaxed)
                }
                connector.cancel()
            }
            for _ in 0..<3 { await workers.local.sleep(for: .milliseconds(1)) }
        }
        let wasTold = told.load(ordering: .relaxed)
        #expect(!wasTold)
    }

    @Test func waitsGrowUpToTheLongest() {
        var backoff = Backoff(from: .milliseconds(10), to: .milliseconds(40))
        for ceiling in [10, 20, 40, 40, 40] {
            #expect((.milliseconds(1)...Duration.milliseconds(ceiling)).contains(backoff.next()))
        }
        backoff.reset()
        #expect(backoff.next() <= .milliseconds(10))
    }

    @Test func namesAreTakenApartFromAddresses() throws {
        #expect(HostName.isAddress("::1") && HostName.isAddress("10.0.0.1") && !HostName.isAddress("localhost"))
        #expect(HostName.isAddress(try HostName.resolve("localhost")))
        #expect(throws: HostNameError.self) { try HostName.resolve("no such name") }
    }
}
