import Logging
import Testing

@testable import Reactor
@testable import Server

/// Who may have how many connections.
@Suite struct ConnectionTallyTests {
    private func tally(_ limit: Int = 100, perAddress: Int = 2, unlimited: [String] = []) -> ConnectionTally {
        var configuration = ServerConfiguration(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        configuration.maximumConnections = limit
        configuration.maximumConnectionsPerAddress = perAddress
        configuration.unlimitedAddresses = unlimited.compactMap { AddressRange($0) }
        return ConnectionTally(configuration)
    }

    private func place(_ tally: ConnectionTally, _ host: String) -> ConnectionTally.Place? {
        if case .admitted(let place) = tally.admit(SocketAddress(host: host, port: 1)) { place } else { nil }
    }

    @Test(arguments: [
        (["192.0.2.1", "192.0.2.1"], "192.0.2.1", false), (["192.0.2.1", "192.0.2.1"], "192.0.2.2", true),
        (["192.0.2.1", "::ffff:192.0.2.1"], "192.0.2.1", false),
        (["2001:db8::1", "2001:db8::2"], "2001:db8:0:0:ffff::1", false),
        (["2001:db8::1", "2001:db8::2"], "2001:db8:0:1::1", true),
        (["10.1.2.3", "10.1.2.3"], "10.1.2.3", true), (["fd00::1", "fd00::1"], "fd00::1", true),
    ])
    func oneClientHasSoMany(earlier: [String], next: String, isAdmitted: Bool) {
        let tally = tally(unlimited: ["10.0.0.0/8", "fd00::/8"])
        for host in earlier { #expect(place(tally, host) != nil) }
        #expect((place(tally, next) != nil) == isAdmitted)
    }

    @Test func aUnixSocketHasNoAddressToCount() throws {
        let tally = tally(3, perAddress: 1)
        let peer = try #require(SocketAddress(unixPath: "/x"))
        for _ in 0..<3 {
            guard case .admitted = tally.admit(peer) else {
                Issue.record("refused")
                return
            }
        }
        guard case .refused(let limit, _) = tally.admit(peer) else {
            Issue.record("admitted")
            return
        }
        #expect(limit == ReachedLimit(.connections, 3))
    }

    @Test func placesComeBackAndNothingIsKeptOfWhoHasGone() throws {
        let tally = tally()
        let places = try (0..<50).map { try #require(place(tally, "192.0.2.\($0)")) }
        #expect(tally.count == 50 && tally.clientCount == 50)
        for place in places { tally.release(place) }
        #expect(tally.count == 0 && tally.clientCount == 0)
    }

    @Test func aFloodIsNewsOnce() throws {
        let tally = tally(perAddress: 8)
        var places = try (0..<8).map { _ in try #require(place(tally, "192.0.2.1")) }
        func isNews() -> Bool? {
            guard case .refused(let limit, let isNews) = tally.admit(SocketAddress(host: "192.0.2.1", port: 1)),
                limit == ReachedLimit(.connectionsPerAddress, 8)
            else { return nil }
            return isNews
        }
        #expect(isNews() == true && isNews() == false)
        // One place that comes and goes is the same flood still.
        tally.release(places.removeLast())
        places.append(try #require(place(tally, "192.0.2.1")))
        #expect(isNews() == false)
        for _ in 0..<4 { tally.release(places.removeLast()) }
        for _ in 0..<4 { places.append(try #require(place(tally, "192.0.2.1"))) }
        #expect(isNews() == true)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.6", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("::/0", "2001:db8::1", true), ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/32", "2001:db9::1", false), ("127.0.0.0/8", "::ffff:127.0.0.1", true),
        ("10.1.2.3/8", "10.200.0.1", true),
    ])
    func blocksContainTheirAddresses(block: String, host: String, isInside: Bool) throws {
        let range = try #require(AddressRange(block))
        #expect(range.contains(try #require(SocketAddress(host: host, port: 0))) == isInside)
    }

    @Test(arguments: ["", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "::/129", "10/8"])
    func whatIsNoBlockIsRefused(text: String) { #expect(AddressRange(text) == nil) }
}
