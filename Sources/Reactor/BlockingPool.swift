import Glibc
import Locking

/// The blocking pool has as much waiting as it may hold.
public struct BlockingPoolFull: Error, Equatable, Sendable {
    /// The most jobs that may wait.
    public let limit: Int
}

/// A few threads for work that blocks or computes for long: password hashing, file reads, large checksums.
///
/// Never use it for waiting on a socket. Threads live until ``shutDown()``.
public final class BlockingPool: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let limit: Int
    private let lock: Condition<State>
    private let threads: Mutex<[pthread_t]>

    /// Starts `threads` threads; at most `limit` jobs wait.
    public init(threads count: Int = 2, limit: Int = 1024) {
        self.limit = limit
        let lock = Condition(State())
        self.lock = lock
        var started: [pthread_t] = []
        for _ in 0..<max(1, count) {
            var thread = pthread_t()
            let box = Unmanaged.passRetained(lock)
            let code = pthread_create(
                &thread,
                nil,
                { argument in
                    guard let argument else { return nil }
                    BlockingPool.work(Unmanaged<Condition<State>>.fromOpaque(argument).takeRetainedValue())
                    return nil
                },
                box.toOpaque()
            )
            if code == 0 { started.append(thread) } else { box.release() }
        }
        // Without a thread nothing would ever run: refuse instead of keeping callers waiting.
        if started.isEmpty { lock.withLock { $0.isClosed = true } }
        threads = Mutex(started)
    }

    /// Jobs that no thread has begun.
    var waitingCount: Int { lock.withLock { $0.jobs.count } }

    /// Runs `body` on a thread of the pool and returns its result on the caller's executor.
    /// - Throws: ``BlockingPoolFull``, also after ``shutDown()``; or what `body` throws.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Result, any Error>) in
            let isAccepted = lock.withLock { state in
                guard !state.isClosed, state.jobs.count < limit else { return false }
                state.jobs.append { continuation.resume(with: Swift.Result { try body() }) }
                return true
            }
            if isAccepted { lock.signal() } else { continuation.resume(throwing: BlockingPoolFull(limit: limit)) }
        }
    }

    /// Finishes what waits and ends the threads. Blocks.
    public func shutDown() {
        lock.withLock { $0.isClosed = true }
        lock.broadcast()
        let ended = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in ended { pthread_join(thread, nil) }
    }

    private static func work(_ lock: Condition<State>) {
        while let job = lock.wait(for: { (state: inout State) -> (@Sendable () -> Void)?? in
            if !state.jobs.isEmpty { return state.jobs.removeFirst() }
            return state.isClosed ? .some(nil) : nil
        }) {
            job()
        }
    }
}
