import COpenSSL
import Glibc

/// Certificates and rules, loaded and checked: what makes a ``TLSStream`` of a descriptor.
///
/// Immutable; new certificates are a new context, and open connections keep theirs. `@unchecked Sendable` because OpenSSL
/// counts references to its contexts atomically and they are not changed once a connection uses them.
final class TLSContext: @unchecked Sendable {
    private let contexts: [OpaquePointer]
    private let names: TLSNameTable
    private let applicationProtocols: [UInt8]
    private let ticketKeys: TLSTicketKeys

    init(_ configuration: TLSConfiguration, ticketKeys: TLSTicketKeys) throws(TLSError) {
        guard !configuration.identities.isEmpty else { throw .noIdentity }
        self.ticketKeys = ticketKeys
        applicationProtocols = configuration.applicationProtocols.flatMap { name in
            [UInt8(clamping: name.utf8.count)] + Array(name.utf8.prefix(255))
        }
        var contexts: [OpaquePointer] = []
        var names = TLSNameTable()
        do throws(TLSError) {
            for identity in configuration.identities {
                let context = try Self.context(for: identity, configuration)
                contexts.append(context)
                for name in TLSCertificate.dnsNames(SSL_CTX_get0_certificate(context)) {
                    names.add(name, index: contexts.count - 1)
                }
            }
        } catch {
            for context in contexts { SSL_CTX_free(context) }
            throw error
        }
        self.contexts = contexts
        self.names = names
        for context in contexts {
            ticketKeys.serve(context)
            setCallbacks(context)
        }
    }

    deinit { for context in contexts { SSL_CTX_free(context) } }

    /// A connection on `descriptor`, whose handshake has yet to begin.
    func stream(on descriptor: Int32) throws(SystemError) -> TLSStream {
        guard let connection = SSL_new(contexts[0]) else { throw SystemError("SSL_new", code: ENOMEM) }
        guard SSL_set_fd(connection, descriptor) == 1 else {
            SSL_free(connection)
            throw SystemError("SSL_set_fd", code: ENOMEM)
        }
        SSL_set_accept_state(connection)
        return TLSStream(connection, context: self, descriptor: descriptor)
    }

    /// Gives the connection the certificate for the name it asks for (RFC 6066 section 3).
    private func choose(_ connection: OpaquePointer) {
        guard let name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name),
            let index = names.index(of: String(cString: name)), index != 0
        else { return }
        SSL_set_SSL_CTX(connection, contexts[index])
    }

    private func setCallbacks(_ context: OpaquePointer) {
        // The contexts are freed with this object, and with them their callbacks.
        let this = Unmanaged.passUnretained(self).toOpaque()
        copenssl_on_server_name(
            context,
            { connection, _, this in
                guard let connection, let this else { return SSL_TLSEXT_ERR_NOACK }
                Unmanaged<TLSContext>.fromOpaque(this).takeUnretainedValue().choose(connection)
                return SSL_TLSEXT_ERR_OK
            },
            this
        )
        SSL_CTX_set_alpn_select_cb(
            context,
            { _, chosen, chosenCount, offered, offeredCount, this in
                guard let this else { return SSL_TLSEXT_ERR_NOACK }
                let wanted = Unmanaged<TLSContext>.fromOpaque(this).takeUnretainedValue().applicationProtocols
                if wanted.isEmpty { return SSL_TLSEXT_ERR_NOACK }
                var match: UnsafeMutablePointer<UInt8>?
                let outcome = SSL_select_next_proto(
                    &match,
                    chosenCount,
                    wanted,
                    UInt32(wanted.count),
                    offered,
                    offeredCount
                )
                // Nothing in common is fatal (RFC 7301 section 3.2). A match points into `wanted`, which lives as long as
                // the context: the array is immutable and is not copied.
                guard outcome == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                chosen?.pointee = UnsafePointer(match)
                return SSL_TLSEXT_ERR_OK
            },
            this
        )
    }

    private static func context(
        for identity: TLSConfiguration.Identity,
        _ configuration: TLSConfiguration
    ) throws(TLSError) -> OpaquePointer {
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_server_method()) else { throw .library(OpenSSLErrors.take()) }
        do throws(TLSError) {
            let version = configuration.minimumVersion == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION
            copenssl_prepare(context, version)
            // TLS 1.2 with forward secrecy and authenticated encryption only (RFC 9325 section 4.2).
            SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20")
            if configuration.usesKernelTLS, isKernelTLSOffered {
                copenssl_allow_ktls(context)
            } else {
                // A record's head and content with one system call. The kernel's own decryption cannot work with it.
                copenssl_read_ahead(context)
            }
            try load(identity, into: context)
            try askClients(configuration, context)
        } catch {
            SSL_CTX_free(context)
            throw error
        }
        return context
    }

    private static func load(
        _ identity: TLSConfiguration.Identity,
        into context: OpaquePointer
    ) throws(TLSError) {
        let (certificate, key) = (identity.certificateFile, identity.keyFile)
        try checkReadable(certificate, .certificate)
        guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
            throw .unusable(file: certificate, purpose: .certificate, reason: OpenSSLErrors.take())
        }
        try checkReadable(key, .key)
        guard SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 else {
            let isMismatch = ERR_GET_REASON(ERR_peek_error()) == X509_R_KEY_VALUES_MISMATCH
            let reason = OpenSSLErrors.take()
            if isMismatch { throw .mismatch(certificateFile: certificate, keyFile: key) }
            throw .unusable(file: key, purpose: .key, reason: reason)
        }
        guard SSL_CTX_check_private_key(context) == 1 else {
            ERR_clear_error()
            throw .mismatch(certificateFile: certificate, keyFile: key)
        }
    }

    private static func askClients(
        _ configuration: TLSConfiguration,
        _ context: OpaquePointer
    ) throws(TLSError) {
        let mode: Int32
        switch configuration.clientAuthentication {
        case .none: return
        case .optional: mode = SSL_VERIFY_PEER
        case .required: mode = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
        }
        guard let file = configuration.clientAuthorityFile else { throw .noClientAuthority }
        try checkReadable(file, .clientAuthority)
        guard SSL_CTX_load_verify_locations(context, file, nil) == 1, let authorities = SSL_load_client_CA_file(file)
        else { throw .unusable(file: file, purpose: .clientAuthority, reason: OpenSSLErrors.take()) }
        SSL_CTX_set_client_CA_list(context, authorities)
        SSL_CTX_set_verify(context, mode, nil)
        // A resumed session stands for the certificate that was shown at its beginning. An id of its own for each context
        // keeps it from being resumed after a reload, where other authorities may be asked for.
        var id = [UInt8](repeating: 0, count: 16)
        guard RAND_bytes(&id, Int32(id.count)) == 1 else { throw .library(OpenSSLErrors.take()) }
        SSL_CTX_set_session_id_context(context, id, UInt32(id.count))
    }

    private static func checkReadable(_ file: String, _ purpose: TLSError.Purpose) throws(TLSError) {
        guard access(file, R_OK) == 0 else {
            throw .unusable(file: file, purpose: purpose, reason: String(cString: strerror(errno)))
        }
    }

    /// Whether the kernel has its part of TLS.
    static var isKernelTLSOffered: Bool {
        guard let file = fopen("/proc/sys/net/ipv4/tcp_available_ulp", "re") else { return false }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return false }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.split(whereSeparator: \.isWhitespace).contains("tls")
    }
}
