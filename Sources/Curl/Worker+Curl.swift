public import Reactor

/// What this target keeps on one worker.
final class CurlRegistry {
    private let multi: CurlMulti
    private var last: UInt64 = 0

    init?(loop: EventLoop) {
        guard let multi = CurlMulti(loop: loop) else { return nil }
        self.multi = multi
    }

    deinit { multi.close() }

    func nextNumber() -> UInt64 {
        last += 1
        return last
    }

    func start(_ number: UInt64, _ request: CurlRequest, completion: @escaping CurlTransfer.Completion) {
        do throws(CurlError) {
            multi.start(try CurlTransfer(request, completion: completion), number: number)
        } catch {
            completion(.failure(error))
        }
    }

    func cancel(_ number: UInt64) { multi.cancel(number) }
}

extension Worker {
    /// Makes a request on this worker's loop. The cancellation of the calling task ends it.
    /// - Throws: ``CurlError``.
    public func fetch(_ request: CurlRequest) async throws(CurlError) -> CurlResponse {
        guard let registry = curl else { throw .cancelled }
        let number = registry.nextNumber()
        // The operation is a call of an actor method: a closure that does not use `self` itself would leave the loop.
        let result = await withTaskCancellationHandler {
            await start(number, request)
        } onCancel: {
            post { $0.curl?.cancel(number) }
        }
        return try result.get()
    }

    private func start(_ number: UInt64, _ request: CurlRequest) async -> Result<CurlResponse, CurlError> {
        await withCheckedContinuation { continuation in
            guard let registry = curl else { return continuation.resume(returning: .failure(.cancelled)) }
            registry.start(number, request) { continuation.resume(returning: $0) }
        }
    }

    /// This worker's registry, made on first use; nil once the worker has ended.
    private var curl: CurlRegistry? {
        if let registry = attachment(CurlRegistry.self) { return registry }
        guard !hasEnded, let registry = CurlRegistry(loop: loop) else { return nil }
        attach(registry)
        return registry
    }
}
