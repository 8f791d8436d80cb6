import ArgumentParser

/// The flags of ``Setting/transport``.
struct TransportOptions: ParsableArguments {
    @Option(name: Setting.certificates.option, help: Setting.certificates.help) var certificates: String?
    @Option(name: Setting.keys.option, help: Setting.keys.help) var keys: String?
    @Option(name: Setting.minimumTLSVersion.option, help: Setting.minimumTLSVersion.help) var minimumTLSVersion: String?
    @Option(name: Setting.clientAuthentication.option, help: Setting.clientAuthentication.help)
    var clientAuthentication: String?
    @Option(name: Setting.clientAuthorities.option, help: Setting.clientAuthorities.help)
    var clientAuthorities: String?
    @Option(name: Setting.clientIdentities.option, help: Setting.clientIdentities.help) var clientIdentities: String?
    @Option(name: Setting.redirectPort.option, help: Setting.redirectPort.help) var redirectPort: String?
    @Option(name: Setting.strictTransportAge.option, help: Setting.strictTransportAge.help)
    var strictTransportAge: String?
    @Option(name: Setting.kernelTLS.option, help: Setting.kernelTLS.help) var kernelTLS: String?
    @Option(name: Setting.compression.option, help: Setting.compression.help) var compression: String?
    @Option(name: Setting.compressionContext.option, help: Setting.compressionContext.help)
    var compressionContext: String?
    @Option(name: Setting.ring.option, help: Setting.ring.help) var ring: String?

    /// The flags that were given.
    var given: [(setting: Setting, value: String)] {
        let flags: [(Setting, String?)] = [
            (.certificates, certificates), (.keys, keys), (.minimumTLSVersion, minimumTLSVersion),
            (.clientAuthentication, clientAuthentication), (.clientAuthorities, clientAuthorities),
            (.clientIdentities, clientIdentities), (.redirectPort, redirectPort),
            (.strictTransportAge, strictTransportAge), (.kernelTLS, kernelTLS), (.compression, compression),
            (.compressionContext, compressionContext), (.ring, ring),
        ]
        return flags.compactMap { setting, value in value.map { (setting, $0) } }
    }
}
