/// What stands between a stream and its descriptor in place of `recv` and `send`: TLS.
///
/// A stream without one costs nothing for the possibility.
public protocol StreamCipher: AnyObject {
    /// Whether the handshake is done.
    var isEstablished: Bool { get }
    /// Encrypted bytes the kernel has taken since the beginning.
    var sentBytes: UInt64 { get }
    /// Reads decrypted bytes into `buffer`; drives the handshake as long as it is not done.
    ///
    /// The stream calls it until it answers something else than ``CipherOutcome/moved(_:)``, so decrypted bytes that the
    /// cipher holds back never wait for the kernel.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> CipherOutcome
    /// Encrypts and sends a part of `bytes`.
    func write(_ bytes: UnsafeRawBufferPointer) -> CipherOutcome
    /// Tells the peer that nothing follows (`close_notify`), as far as the kernel takes it.
    func shutDown()
}

/// How far a ``StreamCipher`` came.
public enum CipherOutcome: Sendable, Equatable {
    /// This many bytes, at least one.
    case moved(Int)
    /// The peer has said that nothing follows.
    case ended
    /// Nothing moves before the descriptor is readable.
    case wantsRead
    /// Nothing moves before the descriptor is writable.
    case wantsWrite
    /// The connection is of no more use.
    case failed(SystemError)
}
