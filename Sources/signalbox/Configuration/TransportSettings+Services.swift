import Identity
import Reactor
import WebSocket

extension TransportSettings {
    /// The certificates, for the server; nil for plain connections.
    /// - Throws: ``Failure`` that names the setting.
    func tls() throws(Failure) -> TLSConfiguration? {
        guard isEncrypted else {
            if !keys.isEmpty { throw Failure(.configuration, "tls_key is set, but tls_cert is not.") }
            return nil
        }
        guard certificates.count == keys.count else {
            throw Failure(
                .configuration,
                "tls_cert has \(certificates.count) files and tls_key \(keys.count); there must be a key for each."
            )
        }
        var tls = TLSConfiguration(
            identities: zip(certificates, keys).map { .init(certificateFile: $0, keyFile: $1) }
        )
        tls.minimumVersion = TLSConfiguration.Version(rawValue: minimumVersion) ?? .tls13
        tls.clientAuthentication = TLSConfiguration.ClientAuthentication(rawValue: clientAuthentication) ?? .none
        tls.clientAuthorityFile = clientAuthorities
        tls.usesKernelTLS = kernelTLS == "on"
        return tls
    }

    /// The identities of client certificates, by name.
    /// - Throws: ``Failure`` that names the one that cannot be read.
    func serviceIdentities() throws(Failure) -> [String: ServiceIdentity] {
        var identities: [String: ServiceIdentity] = [:]
        for text in clientIdentities {
            // The last one: names of certificates have the sign in them.
            guard let sign = text.lastIndex(of: "="), sign != text.startIndex,
                let identity = ServiceIdentity(text[text.index(after: sign)...])
            else {
                throw Failure(
                    .configuration,
                    "tls_client_identities has \"\(text)\"; it must be NAME=tenant/subject/role+role."
                )
            }
            identities[String(text[..<sign])] = identity
        }
        return identities
    }

    /// How messages are compressed; nil for not at all.
    var deflate: DeflatePolicy? {
        guard compression == "on" else { return nil }
        var policy = DeflatePolicy()
        policy.keepsServerContext = compressionContext == "on"
        policy.keepsClientContext = compressionContext == "on"
        return policy
    }
}
