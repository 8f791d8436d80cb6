import CLinux

/// The workers of a process, one for each core it may use.
public final class WorkerGroup: Sendable {
    private let threads: [WorkerThread]

    /// The cores this process may use: what `taskset` or a container leaves it.
    public static var usableProcessorCount: Int { max(1, Int(clinux_usable_processors())) }

    /// Starts `count` workers (at least one). They run until ``shutDown()``.
    ///
    /// - Parameter usesRing: Whether to send one thing to many through io_uring where the kernel offers it.
    public init(count: Int, usesRing: Bool = false) throws(SystemError) {
        var threads: [WorkerThread] = []
        for index in 0..<max(1, count) {
            do throws(SystemError) {
                let thread = try WorkerThread(index: index, usesRing: usesRing)
                try thread.start()
                threads.append(thread)
            } catch {
                for thread in threads { thread.requestStop() }
                for thread in threads { thread.join() }
                throw error
            }
        }
        self.threads = threads
    }

    /// All workers, in order of their index.
    public var workers: [Worker] { threads.map(\.worker) }

    /// The number of workers.
    public var count: Int { threads.count }

    /// The worker that is home to everything with this hash.
    public func worker(forHash hash: UInt64) -> Worker {
        threads[Int(hash % UInt64(threads.count))].worker
    }

    /// The worker of the calling thread, or the first one when the caller is on none.
    public var local: Worker { Worker.current ?? threads[0].worker }

    /// Stops all loops and waits for their threads. Blocks; never call it on a loop.
    ///
    /// Connections are cut, sleepers wake, and what is posted afterwards never runs: end the tasks first.
    public func shutDown() {
        for thread in threads { thread.requestStop() }
        for thread in threads { thread.join() }
    }
}
