/// How a server proves who it is, and what it asks of its peers.
public struct TLSConfiguration: Sendable, Equatable {
    /// A certificate with its key, as files in PEM form.
    public struct Identity: Sendable, Equatable {
        /// The server's certificate, followed by the intermediate ones.
        public var certificateFile: String
        /// The certificate's private key, not encrypted.
        public var keyFile: String

        /// Names the two files.
        public init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// A version of the protocol.
    public enum Version: String, Sendable, CaseIterable {
        /// TLS 1.2 (RFC 5246), with forward secrecy and authenticated encryption only.
        case tls12 = "1.2"
        /// TLS 1.3 (RFC 8446).
        case tls13 = "1.3"
    }

    /// Whether clients show a certificate.
    public enum ClientAuthentication: String, Sendable, CaseIterable {
        /// They are not asked.
        case none
        /// They are asked and may decline; a certificate that is shown must be good.
        case optional
        /// Without a good one there is no connection.
        case required
    }

    /// The certificates: the one whose names match what the client asks for (SNI), else the first.
    public var identities: [Identity]
    /// The oldest version that is spoken.
    public var minimumVersion = Version.tls13
    /// What is asked of clients.
    public var clientAuthentication = ClientAuthentication.none
    /// The authorities that client certificates must come from, a file in PEM form.
    public var clientAuthorityFile: String?
    /// The application protocols, most wanted first (ALPN, RFC 7301).
    public var applicationProtocols = ["http/1.1"]
    /// Whether the kernel may encrypt, where it can.
    public var usesKernelTLS = true
    /// How long a key for session tickets encrypts, in seconds; it decrypts for as long again.
    public var ticketKeyLifetime: UInt32 = 12 * 3600

    /// Creates a configuration with safe defaults.
    public init(identities: [Identity]) { self.identities = identities }
}

/// Why a ``TLSConfiguration`` cannot be used.
public enum TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No certificate was named.
    case noIdentity
    /// Client certificates are asked for, but no authority is named.
    case noClientAuthority
    /// A file cannot be read, or has nothing of the kind in it.
    case unusable(file: String, purpose: Purpose, reason: String)
    /// The key belongs to another certificate.
    case mismatch(certificateFile: String, keyFile: String)
    /// OpenSSL has no memory or no randomness.
    case library(String)

    /// What a file is for.
    public enum Purpose: String, Sendable, Equatable {
        /// The server's certificate chain.
        case certificate
        /// The server's private key.
        case key
        /// The authorities of client certificates.
        case clientAuthority = "client authority"
    }

    /// One sentence that names the file.
    public var description: String {
        switch self {
        case .noIdentity: "TLS needs a certificate and a key."
        case .noClientAuthority: "Client certificates need a file with the authorities they come from."
        case .unusable(let file, let purpose, let reason):
            "The \(purpose.rawValue) file \(file) cannot be used: \(reason)."
        case .mismatch(let certificate, let key):
            "The key in \(key) does not belong to the certificate in \(certificate)."
        case .library(let reason): "OpenSSL: \(reason)."
        }
    }
}
