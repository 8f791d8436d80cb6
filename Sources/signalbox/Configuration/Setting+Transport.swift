/// Encryption, compression, and how bytes are sent.
extension Setting {
    static let certificates = Setting(
        "tls_cert",
        .list(\.transport.certificates),
        "PEM files with certificate chains; the one whose names match what the client asks for is used, else the first."
    )
    static let keys = Setting("tls_key", .list(\.transport.keys), "The private keys of tls_cert, in the same order.")
    static let minimumTLSVersion = Setting(
        "tls_min_version",
        .choice(\.transport.minimumVersion, ["1.2", "1.3"]),
        "The oldest TLS version that is spoken."
    )
    static let clientAuthentication = Setting(
        "tls_client_auth",
        .choice(\.transport.clientAuthentication, ["none", "optional", "required"]),
        "Whether clients show a certificate."
    )
    static let clientAuthorities = Setting(
        "tls_client_ca",
        .optionalText(\.transport.clientAuthorities),
        "A PEM file with the authorities that client certificates come from."
    )
    static let clientIdentities = Setting(
        "tls_client_identities",
        .list(\.transport.clientIdentities),
        "Who the holders of client certificates are: NAME=tenant/subject/role+role, by a URI, host name or subject."
    )
    static let redirectPort = Setting(
        "http_redirect_port",
        .integer(\.transport.redirectPort, 0...65535),
        "With tls_cert: a port for plain HTTP that sends clients to HTTPS; 0 means none."
    )
    static let strictTransportAge = Setting(
        "hsts_max_age",
        .duration(\.transport.strictTransportAge, 0...2 * 365 * 86_400),
        "With tls_cert: how long browsers are to use HTTPS only, on every port of the host; 0 says nothing, 365d is usual."
    )
    static let kernelTLS = Setting(
        "ktls",
        .choice(\.transport.kernelTLS, ["on", "off"]),
        "Whether the kernel may encrypt, where it can."
    )
    static let compression = Setting(
        "websocket_compression",
        .choice(\.transport.compression, ["on", "off"]),
        "Whether WebSocket messages are compressed for clients that offer it."
    )
    static let compressionContext = Setting(
        "websocket_compression_context",
        .choice(\.transport.compressionContext, ["on", "off"]),
        "Whether compression remembers earlier messages: fewer bytes, about 300 KiB for each connection that does."
    )
    static let ring = Setting(
        "io_uring",
        .choice(\.transport.ring, ["on", "off"]),
        "Whether one thing for many clients is sent through io_uring, where the kernel offers it."
    )

    /// In the order in which they are shown.
    static let transport: [Setting] = [
        certificates, keys, minimumTLSVersion, clientAuthentication, clientAuthorities, clientIdentities, redirectPort,
        strictTransportAge, kernelTLS, compression, compressionContext, ring,
    ]
}
