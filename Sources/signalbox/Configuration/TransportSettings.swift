/// How connections are encrypted, compressed and sent, as an operator sets it.
struct TransportSettings: Sendable {
    /// PEM files, the first for clients that ask for no known name.
    var certificates: [String] = []
    /// In the order of the certificates.
    var keys: [String] = []
    var minimumVersion = "1.3"
    var clientAuthorities: String?
    var clientAuthentication = "none"
    /// `NAME=tenant/subject/role+role`.
    var clientIdentities: [String] = []
    /// 0 means none.
    var redirectPort = 0
    /// Seconds; 0 means that nothing is said.
    var strictTransportAge = 0
    /// "on" or "off".
    var kernelTLS = "on"
    /// "on" or "off".
    var compression = "on"
    /// "on" or "off".
    var compressionContext = "off"
    /// "on" or "off".
    var ring = "off"

    /// Whether the server speaks TLS.
    var isEncrypted: Bool { !certificates.isEmpty }
}
