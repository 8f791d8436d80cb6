import Curl
public import Reactor

/// Where messages may be sent: whoever makes a webhook has this server make requests, from inside its network.
///
/// Without a word of the operator only public addresses are connected to, and only with TLS.
public struct ReceiverPolicy: Sendable {
    /// Networks that are not public and may be connected to all the same.
    public var networks: [AddressRange] = []
    /// Whether messages may go without TLS.
    public var allowsPlainHTTP = false

    /// Creates the strict policy.
    public init() {}

    /// Whether an address may be connected to.
    public func admits(_ address: SocketAddress) -> Bool {
        if address.isUnix { return false }
        if networks.contains(where: { $0.contains(address) }) { return true }
        return Self.given.contains { $0.contains(address) } && !Self.special.contains { $0.contains(address) }
    }

    /// What is wrong with a URL, as the end of a sentence; nil when nothing is. What its name stands for is looked at when it
    /// is connected to.
    func fault(in text: String) -> String? {
        guard text.utf8.count <= Self.maximumURLBytes else {
            return "must not be longer than \(Self.maximumURLBytes) bytes"
        }
        guard let url = RemoteURL(text) else { return "must be a URL with a host" }
        guard url.scheme == "https" || allowsPlainHTTP && url.scheme == "http" else {
            return allowsPlainHTTP ? "must begin with https:// or http://" : "must begin with https://"
        }
        if url.hasCredentials { return "must not have a user or password: check the signature instead" }
        if url.hasFragment { return "must not have a fragment" }
        if let address = SocketAddress(host: url.host, port: 0), !admits(address) {
            return "must not name an address that is not public"
        }
        return nil
    }

    private static let maximumURLBytes = 2048

    /// What is given out to hosts: IPv4, also in its IPv6 form, and global unicast.
    private static let given = ["0.0.0.0/0", "2000::/3"].compactMap { AddressRange($0) }

    /// What of it is not an address of one host on the public Internet: the registers of IANA (RFC 6890 and what came after),
    /// with all that carries an IPv4 address inside, multicast and what is reserved. The addresses of clouds' metadata services
    /// are among them.
    private static let special = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "2001::/23",
        "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    ].compactMap { AddressRange($0) }
}
