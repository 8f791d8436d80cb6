import COpenSSL

/// The keys of session tickets. They outlive the contexts, so that a reload of the certificates keeps sessions resumable,
/// and all loops of the process share them.
///
/// `@unchecked Sendable` because the C side locks.
final class TLSTicketKeys: @unchecked Sendable {
    private let keys: OpaquePointer

    /// - Parameter lifetime: Seconds for which a key encrypts.
    init(lifetime: UInt32) throws(TLSError) {
        guard let keys = copenssl_tickets_create(lifetime) else { throw .library(OpenSSLErrors.take()) }
        self.keys = keys
    }

    deinit { copenssl_tickets_destroy(keys) }

    /// Has `context` use the keys. The caller keeps this object as long as the context.
    func serve(_ context: OpaquePointer) { copenssl_tickets_use(keys, context) }
}

/// OpenSSL's errors wait in a queue of each thread.
enum OpenSSLErrors {
    /// Takes all of them and describes the first.
    static func take() -> String {
        let code = ERR_get_error()
        while ERR_get_error() != 0 {}
        guard code != 0 else { return "unknown error" }
        guard let reason = ERR_reason_error_string(code) else { return "error \(code)" }
        return String(cString: reason)
    }
}
