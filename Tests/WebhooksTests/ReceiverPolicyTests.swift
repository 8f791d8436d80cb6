import Reactor
import Testing

@testable import Webhooks

struct ReceiverPolicyTests {
    @Test(arguments: [
        "127.0.0.1", "127.255.255.255", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "fe80::1",
        "fec0::1",
        "fc00::1", "fd00:ec2::254", "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1",
        "2001:db8::1", "100::1", "3fff::1", "4000::1", "::ffff:0:127.0.0.1",
    ])
    func noneOfTheseIsConnectedTo(_ host: String) throws {
        let address = try #require(SocketAddress(host: host, port: 443))
        #expect(!ReceiverPolicy().admits(address))
    }

    @Test(arguments: ["1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1", "::ffff:1.1.1.1", "2606:4700::1111"])
    func publicAddressesAre(_ host: String) throws {
        let address = try #require(SocketAddress(host: host, port: 443))
        #expect(ReceiverPolicy().admits(address))
    }

    @Test func namedNetworksAreToo() throws {
        var policy = ReceiverPolicy()
        policy.networks = [try #require(AddressRange("10.1.0.0/16"))]
        #expect(policy.admits(try #require(SocketAddress(host: "10.1.2.3", port: 1))))
        #expect(policy.admits(try #require(SocketAddress(host: "::ffff:10.1.2.3", port: 1))))
        #expect(!policy.admits(try #require(SocketAddress(host: "10.2.2.3", port: 1))))
        #expect(!policy.admits(try #require(SocketAddress(unixPath: "/run/docker.sock"))))
    }

    @Test(arguments: [
        "http://example.org/", "ftp://example.org/", "example.org", "", "https://", "https://user:pw@example.org/",
        "https://example.org/#part", "https://127.0.0.1/", "https://0x7f.1/", "https://2130706433/", "https://[::1]/",
        "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest/meta-data/", "file:///etc/passwd",
        "https://example.org/" + String(repeating: "a", count: 2048),
    ])
    func URLsThatAreRefused(_ url: String) { #expect(ReceiverPolicy().fault(in: url) != nil) }

    @Test(arguments: [
        "https://example.org/", "https://example.org:8443/a?b=c", "HTTPS://EXAMPLE.ORG", "https://1.1.1.1/",
    ])
    func URLsThatAreTaken(_ url: String) { #expect(ReceiverPolicy().fault(in: url) == nil) }

    @Test func plainHTTPIsTakenWhereItIsAllowed() {
        var policy = ReceiverPolicy()
        policy.allowsPlainHTTP = true
        #expect(policy.fault(in: "http://example.org/") == nil)
        #expect(policy.fault(in: "http://127.0.0.1/") != nil)
        #expect(policy.fault(in: "ftp://example.org/") != nil)
    }
}
