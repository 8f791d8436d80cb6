import COpenSSL

/// What is known of the other end of an encrypted connection once its handshake is done.
public struct TLSPeer: Sendable, Equatable {
    /// A certificate that was shown and is good.
    public struct Certificate: Sendable, Equatable {
        /// The subject, as RFC 2253 writes it: `CN=probe,O=Example`.
        public let subject: String
        /// Its host names.
        public let dnsNames: [String]
        /// Its URIs, such as SPIFFE ids.
        public let uris: [String]
    }

    /// The version: `TLSv1.3`.
    public let version: String
    /// The cipher suite: `TLS_AES_256_GCM_SHA384`.
    public let cipherSuite: String
    /// The host name the client asked for.
    public let serverName: String?
    /// The application protocol that was chosen.
    public let applicationProtocol: String?
    /// Whether an earlier session was resumed.
    public let isResumed: Bool
    /// The client's certificate, where one was asked for and shown.
    public let certificate: Certificate?

    init(_ connection: OpaquePointer) {
        version = String(cString: SSL_get_version(connection))
        cipherSuite = SSL_CIPHER_get_name(SSL_get_current_cipher(connection)).map { String(cString: $0) } ?? ""
        serverName = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
        isResumed = SSL_session_reused(connection) == 1
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(connection, &name, &count)
        applicationProtocol = name.map {
            String(decoding: UnsafeBufferPointer(start: $0, count: Int(count)), as: UTF8.self)
        }
        // A session that is resumed again and again can outlive its certificate.
        guard let shown = SSL_get0_peer_certificate(connection), SSL_get_verify_result(connection) == X509_V_OK,
            X509_cmp_current_time(X509_get0_notAfter(shown)) > 0
        else {
            certificate = nil
            return
        }
        certificate = Certificate(
            subject: TLSCertificate.subject(shown),
            dnsNames: TLSCertificate.names(shown, kind: GEN_DNS),
            uris: TLSCertificate.names(shown, kind: GEN_URI)
        )
    }
}
