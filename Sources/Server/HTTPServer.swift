import Glibc
public import Reactor

/// A server on one address, on all workers.
public struct HTTPServer: Sendable {
    private let workers: WorkerGroup
    let token = ServerStates.Token()
    /// The addresses in force.
    public let addresses: [SocketAddress]

    /// The first of the addresses in force.
    public var address: SocketAddress { addresses[0] }

    /// Begins to listen and serve.
    ///
    /// - Throws: ``SystemError``; `isAddressInUse` when somebody else listens there.
    public init(
        on address: SocketAddress,
        workers: WorkerGroup,
        configuration: ServerConfiguration,
        handler: any HTTPHandler
    ) async throws(SystemError) {
        let sockets = try ListeningSocket.open(address, count: workers.count)
        try await self.init(on: sockets, workers: workers, configuration: configuration, handler: handler)
    }

    /// Begins to serve on sockets that listen already: for each address one for each worker, address by address. Takes the
    /// sockets over, also when it fails.
    ///
    /// - Throws: ``SystemError``.
    public init(
        on sockets: [ListeningSocket],
        workers: WorkerGroup,
        configuration: ServerConfiguration,
        handler: any HTTPHandler
    ) async throws(SystemError) {
        guard !sockets.isEmpty, sockets.count.isMultiple(of: workers.count) else {
            for socket in sockets { socket.close() }
            throw SystemError("listen", code: EINVAL)
        }
        self.workers = workers
        let firsts = stride(from: 0, to: sockets.count, by: workers.count)
        addresses = firsts.map { sockets[$0].address }
        let shared = SharedState(configuration, handler, wallClock: { time(nil) })
        for (index, worker) in workers.workers.enumerated() {
            do throws(SystemError) {
                try await worker.serve(token, on: firsts.map { sockets[$0 + index] }, shared)
            } catch {
                for later in (index + 1)..<workers.count { for first in firsts { sockets[first + later].close() } }
                await stopListening()
                throw error
            }
        }
    }

    /// Stops listening at once, lets requests and sessions end, and returns when all have or `deadline` has passed.
    public func drain(within deadline: Duration) async {
        let clock = ContinuousClock()
        let end = clock.now + deadline
        await stopListening()
        while clock.now < end, !Task.isCancelled, await connectionCount() > 0 {
            await workers.local.sleep(for: .milliseconds(20))
        }
    }

    /// The number of open connections.
    public func connectionCount() async -> Int {
        var count = 0
        for worker in workers.workers {
            count += await worker.run { $0.serverState(token)?.connectionCount ?? 0 }
        }
        return count
    }

    private func stopListening() async {
        for worker in workers.workers { await worker.run { $0.serverState(token)?.drain() } }
    }
}
