import Foundation
import Locking
import Logging
import TestSupport
import Testing

@testable import Reactor
@testable import Server

/// A server on loopback with its workers, for a test that runs on a thread of its own and may block.
struct RunningServer: Sendable {
    let server: HTTPServer
    let workers: WorkerGroup
    let handler: TestHandler

    func client(buffers: Int32? = nil) throws -> TestClient { try TestClient(server.address, buffers: buffers) }

    /// A client with another loopback address than the usual one.
    func client(from host: String) throws -> TestClient { try TestClient(server.address, from: host) }

    /// A client that has sent `text`.
    func client(sending text: String) throws -> TestClient {
        let client = try TestClient(server.address)
        client.send(text)
        return client
    }

    var connectionCount: Int { wait { await server.connectionCount() } }

    /// Begins to drain; true in the journal once that has returned.
    func drain(within deadline: Duration = .seconds(10)) -> Journal<Bool> {
        let journal = Journal<Bool>()
        Task {
            await server.drain(within: deadline)
            journal.add(true)
        }
        return journal
    }

    /// Runs `body` on the first worker.
    func onWorker<Result: Sendable>(_ body: @escaping @Sendable (isolated Worker) -> Result) -> Result {
        on(0, body)
    }

    /// Runs `body` on a worker.
    func on<Result: Sendable>(_ index: Int, _ body: @escaping @Sendable (isolated Worker) -> Result) -> Result {
        wait { await workers.workers[index].run(body) }
    }

    /// The connection behind a streamed request, on the first worker.
    func bufferedContent(of channel: ChannelID) -> Int? {
        onWorker { worker in
            let stream = worker.loop.handler(for: channel) as? SocketStream
            return (stream?.delegate as? HTTPConnection)?.bodyQueue.byteCount
        }
    }

    private func wait<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) -> Result {
        let done = DispatchSemaphore(value: 0)
        let result = Mutex<Result?>(nil)
        Task {
            let value = await body()
            result.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        guard let value = result.withLock({ $0 }) else { preconditionFailure("signalled without a value") }
        return value
    }
}

/// Serves with a configuration of the test's own, on one worker unless said otherwise, while `body` runs.
func withServer(
    workers count: Int = 1,
    log: Journal<String>? = nil,
    _ configure: (inout ServerConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (RunningServer) throws -> Void
) async throws {
    let logger = Logger(label: "test") { _ -> any LogHandler in
        if let log { JournalLog(log) } else { SwiftLogNoOpLogHandler() }
    }
    var configuration = ServerConfiguration(logger: logger)
    configure(&configuration)
    let workers = try WorkerGroup(count: count)
    let handler = TestHandler(topic: WebSocketTopic(workers: workers))
    let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
    let server = try await HTTPServer(on: address, workers: workers, configuration: configuration, handler: handler)
    let running = RunningServer(server: server, workers: workers, handler: handler)
    try await onThread {
        defer { workers.shutDown() }
        defer { handler.gate.open() }
        try body(running)
    }
}

/// Writes the server's log into a journal.
struct JournalLog: LogHandler {
    let journal: Journal<String>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(_ journal: Journal<String>) { self.journal = journal }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { journal.add("\(event.message)") }
}

/// Runs blocking code of the current task on a thread of its own, so that expectations in it still belong to the test.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withTaskExecutorPreference(ThreadExecutor()) { try body() }
}

private final class ThreadExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
