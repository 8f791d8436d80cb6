import CPQ

/// Asks the server to stop what a connection runs. Sending opens a connection of its own and blocks.
///
/// `@unchecked Sendable` because libpq made it for use from another thread (PostgreSQL documentation, section 34.7).
final class CancelRequest: @unchecked Sendable {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQfreeCancel(handle) }

    /// Blocks until the server has taken notice; only for the blocking pool. A failure is of no consequence.
    func send() {
        var message = [CChar](repeating: 0, count: 256)
        _ = PQcancel(handle, &message, Int32(message.count))
    }
}
