import ArgumentParser
import Glibc
import Reactor
import Server

/// The server's life: start, wait for a signal, drain.
struct LabServer {
    /// The topic of `wslab publish`.
    let topic: WebSocketTopic
    private let workers: WorkerGroup
    private let options: ServeOptions

    /// How long open connections may take to end, in seconds.
    private static let patience = 2

    init(_ options: ServeOptions) throws {
        self.options = options
        Self.prepareProcess()
        workers = try WorkerGroup(
            count: options.workers > 0 ? options.workers : WorkerGroup.usableProcessorCount,
            usesRing: options.ioUring
        )
        topic = WebSocketTopic(workers: workers)
    }

    /// Serves until SIGTERM or SIGINT.
    /// - Parameter session: the session of a WebSocket on a path; nil closes it.
    func run(session: @escaping LabHandler.SessionFactory) throws {
        guard let address = SocketAddress(host: options.host, port: options.port) else { return }
        let started = Outcome<HTTPServer>()
        let handler = LabHandler(contentLimit: options.maxMessage, session: session)
        let (workers, configuration) = (self.workers, try options.configuration())
        workers.local.spawn {
            do throws(SystemError) {
                started.set(
                    .success(
                        try await HTTPServer(
                            on: address,
                            workers: workers,
                            configuration: configuration,
                            handler: handler
                        )
                    )
                )
            } catch {
                started.set(.failure(error))
            }
        }
        let server: HTTPServer
        do {
            server = try started.wait().get()
        } catch {
            throw ValidationError("cannot listen on \(address): \(error)")
        }
        print("wslab: listening on \(server.address), \(workers.count) loops")
        fflush(nil)
        Self.waitForEnd()
        let drained = Outcome<Void>()
        workers.local.spawn {
            await server.drain(within: .seconds(Self.patience))
            drained.set(.success(()))
        }
        _ = drained.wait()
        workers.shutDown()
    }

    private static func prepareProcess() {
        signal(SIGPIPE, SIG_IGN)
        var set = endSignals
        pthread_sigmask(SIG_BLOCK, &set, nil)
        DescriptorLimit.raise()
    }

    private static func waitForEnd() {
        var set = endSignals
        var signal: Int32 = 0
        while sigwait(&set, &signal) != 0 {}
    }

    private static var endSignals: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        return set
    }
}
