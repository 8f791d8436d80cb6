import Locking

/// The certificates of a server, shared by all its loops and replaceable while it runs.
public final class TLSServer: Sendable {
    private let ticketKeys: TLSTicketKeys
    private let context: Mutex<TLSContext>

    /// Loads the files.
    /// - Throws: ``TLSError``, which names the file.
    public init(_ configuration: TLSConfiguration) throws(TLSError) {
        ticketKeys = try TLSTicketKeys(lifetime: configuration.ticketKeyLifetime)
        context = Mutex(try TLSContext(configuration, ticketKeys: ticketKeys))
    }

    /// Loads the files anew, for connections that begin from now on. Open connections and sessions stay as they are; when
    /// it fails everything does.
    /// - Throws: ``TLSError``, which names the file.
    public func reload(_ configuration: TLSConfiguration) throws(TLSError) {
        let fresh = try TLSContext(configuration, ticketKeys: ticketKeys)
        context.withLock { $0 = fresh }
    }

    /// What encrypts a new connection on `descriptor`, which stays the caller's.
    public func cipher(on descriptor: Int32) throws(SystemError) -> any StreamCipher {
        try context.withLock { $0 }.stream(on: descriptor)
    }
}

extension SocketStream {
    /// Who is at the other end of an encrypted connection; nil without encryption, and before the handshake is done.
    public var tlsPeer: TLSPeer? { (cipher as? TLSStream)?.peer }

    /// Whether the connection may carry bytes: not before a handshake is done.
    public var isEstablished: Bool { cipher?.isEstablished ?? true }
}
