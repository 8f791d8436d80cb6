import COpenSSL

/// What a certificate says.
enum TLSCertificate {
    private static let longestName = 1024

    /// The subject alternative names of a kind: `GEN_DNS`, `GEN_URI`, `GEN_EMAIL`.
    static func names(_ certificate: OpaquePointer, kind: Int32) -> [String] {
        (0..<copenssl_name_count(certificate)).compactMap { index in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longestName) { bytes in
                var count: Int32 = 0
                let found = copenssl_name(certificate, index, bytes.baseAddress, Int32(bytes.count), &count)
                guard found == kind, count > 0 else { return nil }
                let name = UnsafeBufferPointer(rebasing: bytes[..<Int(count)])
                // A name with a NUL in it means to be read in two ways.
                return name.contains(0) ? nil : String(validating: name, as: UTF8.self)
            }
        }
    }

    /// The host names a certificate is for.
    static func dnsNames(_ certificate: OpaquePointer?) -> [String] {
        certificate.map { names($0, kind: GEN_DNS) } ?? []
    }

    /// The subject, as RFC 2253 writes it: `CN=probe,O=Example`.
    static func subject(_ certificate: OpaquePointer) -> String {
        guard let text = copenssl_subject(certificate) else { return "" }
        defer { copenssl_free(text) }
        return String(cString: text)
    }
}
