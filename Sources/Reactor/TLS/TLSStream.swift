import COpenSSL
import Glibc

/// TLS on one non-blocking descriptor, as a server.
///
/// OpenSSL reads and writes the descriptor itself, which is what lets the kernel take over the encryption. An idle
/// connection holds no record buffers.
final class TLSStream: StreamCipher {
    private let connection: OpaquePointer
    /// Holds what the callbacks of the connection need.
    private let context: TLSContext
    private let descriptor: Int32
    private var hasFailed = false

    /// What a browser sees that speaks HTTP to a port for HTTPS.
    private static let plainAnswer = Array(
        """
        HTTP/1.1 400 Bad Request\r
        connection: close\r
        content-type: text/plain\r
        content-length: 28\r
        \r
        This port speaks HTTPS only.
        """.utf8
    )

    init(_ connection: OpaquePointer, context: TLSContext, descriptor: Int32) {
        self.connection = connection
        self.context = context
        self.descriptor = descriptor
    }

    deinit { SSL_free(connection) }

    var isEstablished: Bool { SSL_is_init_finished(connection) == 1 }

    var sentBytes: UInt64 { UInt64(BIO_number_written(SSL_get_wbio(connection))) }

    /// Who is at the other end; nil before the handshake is done.
    var peer: TLSPeer? { isEstablished ? TLSPeer(connection) : nil }

    /// Whether the kernel encrypts what is sent.
    var sendsWithKernel: Bool { copenssl_sends_with_ktls(connection) == 1 }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> CipherOutcome {
        var count = 0
        ERR_clear_error()
        let code = SSL_read_ex(connection, buffer.baseAddress, buffer.count, &count)
        return code == 1 ? .moved(count) : outcome(code, of: "SSL_read")
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> CipherOutcome {
        var count = 0
        ERR_clear_error()
        let code = SSL_write_ex(connection, bytes.baseAddress, bytes.count, &count)
        return code == 1 ? .moved(count) : outcome(code, of: "SSL_write")
    }

    func shutDown() {
        // After a fatal error, or before the handshake is done, there is nothing to say.
        guard !hasFailed, isEstablished else { return }
        ERR_clear_error()
        SSL_shutdown(connection)
        ERR_clear_error()
    }

    private func outcome(_ code: Int32, of call: String) -> CipherOutcome {
        let systemCode = errno
        switch SSL_get_error(connection, code) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .ended
        case SSL_ERROR_SYSCALL: return fail(call, systemCode == 0 ? ECONNRESET : systemCode)
        default:
            switch ERR_GET_REASON(ERR_peek_error()) {
            // The peer is gone without a word: what it sent last may be missing (RFC 8446 section 6.1).
            case SSL_R_UNEXPECTED_EOF_WHILE_READING: return fail(call, ECONNRESET)
            case SSL_R_HTTP_REQUEST:
                // Unread input would turn the end into a reset, and take the answer along.
                var rest: UInt64 = 0
                while recv(descriptor, &rest, MemoryLayout<UInt64>.size, Int32(MSG_DONTWAIT)) > 0 {}
                Self.plainAnswer.withUnsafeBytes {
                    _ = send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                return fail(call, EPROTO)
            default: return fail(call, EPROTO)
            }
        }
    }

    private func fail(_ call: String, _ code: Int32) -> CipherOutcome {
        hasFailed = true
        ERR_clear_error()
        return .failed(SystemError(call, code: code))
    }
}
