public import Domain
import Locking
public import Postgres

/// The process's ear and its proof of life: one connection of its own that listens for what others commit, and holds the
/// advisory lock of this node's number for as long as the process is there.
///
/// After a `kill -9` the server itself ends the connection and with it the lock, so the work of this node is free at once.
public final class StoreListener: Sendable {
    /// The number this process marks its work with.
    public let node: Int64
    private let listener: PostgresListener

    /// Creates the listener; nothing happens before ``start(handler:)``.
    /// - Parameter node: by default a random positive number.
    public init(_ client: PostgresClient, node: Int64 = .random(in: 1...Int64.max)) {
        self.node = node
        listener = PostgresListener(client)
    }

    /// Connects, and returns once it listens and holds the lock. From then on it reconnects by itself;
    /// ``StoreNotification/cannotHear`` and later ``StoreNotification/mayHaveMissed`` tell of each time.
    /// - Parameter handler: called on a worker's thread; must not block.
    /// - Throws: ``StoreError/unavailable(_:)`` when the first attempt fails; nothing goes on then.
    public func start(handler: @escaping @Sendable (StoreNotification) -> Void) async throws {
        let first = FirstOutcome()
        let setup = [
            PostgresStatement("LISTEN \(DatabaseNames.channel)"),
            // The server may not have heard that the connection before this one is lost, and would keep its lock for hours.
            // It is ours to end: it signed in as the same account, which the role that this one has taken on may not know of.
            PostgresStatement("RESET ROLE"),
            PostgresStatement(
                """
                SELECT pg_terminate_backend(pid, 1000) FROM pg_locks
                WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND pid <> pg_backend_pid()
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    AND (classid::bigint << 32) | objid::bigint = $1::bigint
                """,
                [.int(node)]
            ),
            PostgresStatement("SET ROLE \(DatabaseNames.applicationRole)"),
            PostgresStatement("SELECT set_config('lock_timeout', '2000', false)"),
            PostgresStatement("SELECT pg_advisory_lock($1)", [.int(node)]),
        ]
        let outcome = await withCheckedContinuation { continuation in
            first.begin(continuation)
            listener.start(setup: setup) { event in
                switch event {
                case .connected:
                    if !first.settle(nil) { handler(.mayHaveMissed) }
                case .disconnected(let error):
                    if !first.settle(error) { handler(.cannotHear) }
                case .silent:
                    handler(.cannotHear)
                case .answering:
                    handler(.mayHaveMissed)
                case .notification(let channel, let payload):
                    guard channel == DatabaseNames.channel else { return }
                    for notification in StoreNotification.all(in: payload) { handler(notification) }
                }
            }
        }
        guard let outcome else { return }
        await listener.close()
        throw outcome.forStore
    }

    /// Ends the connection and gives up the lock.
    public func close() async { await listener.close() }
}

/// The answer to the first attempt to connect.
private final class FirstOutcome: Sendable {
    private let waiting = Mutex<CheckedContinuation<PostgresError?, Never>?>(nil)

    func begin(_ continuation: CheckedContinuation<PostgresError?, Never>) { waiting.withLock { $0 = continuation } }

    /// False when it was settled before.
    @discardableResult
    func settle(_ error: PostgresError?) -> Bool {
        guard let continuation = waiting.withLock({ $0.take() }) else { return false }
        continuation.resume(returning: error)
        return true
    }
}
