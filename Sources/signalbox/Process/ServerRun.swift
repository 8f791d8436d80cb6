import Dispatch
import Glibc
import Logging
import Reactor

/// The life of a serving process, driven by its main thread: start, wait for a signal, stop within the deadline.
struct ServerRun {
    let application: Application
    let manager: ServiceManager
    /// The database that must not end before us.
    var cluster: RunningCluster?

    /// How long everything but the draining may take, in seconds.
    private static let patience = 5

    /// Serves until SIGTERM or SIGINT, then stops everything, the cluster included.
    /// - Parameters:
    ///   - start: starts the application, on a worker.
    ///   - announce: runs on the main thread when all is ready.
    /// - Throws: ``Failure`` when the start fails or the cluster ends by itself; everything is stopped by then.
    func serve(
        starting start: @escaping @Sendable () async throws -> Void,
        announcing announce: () throws(Failure) -> Void
    ) throws(Failure) {
        let outcome = OutcomeBox<Void>()
        application.workers.local.spawn {
            do {
                outcome.set(.success(try await start()))
            } catch {
                outcome.set(.failure(Failure(error)))
            }
            Signals.tellMainThread()
        }
        var failure: Failure?
        do throws(Failure) {
            try waitForEnd(outcome, announce)
        } catch {
            failure = error
        }
        stop()
        if let failure { throw failure }
    }

    private func waitForEnd(_ outcome: OutcomeBox<Void>, _ announce: () throws(Failure) -> Void) throws(Failure) {
        while true {
            switch Signals.wait() {
            case Signals.news:
                switch outcome.take() {
                case .success:
                    try announce()
                    manager.tell(.ready)
                case .failure(let failure): throw failure
                case nil: break
                }
            case SIGHUP: reload()
            case SIGCHLD:
                guard let cluster, cluster.hasEnded else { break }
                throw Failure(
                    .databaseUnavailable,
                    "the private Postgres ended unexpectedly (log: \(cluster.location.log))."
                )
            default: return
            }
        }
    }

    /// A new certificate or map of tenants that cannot be used must not end what works with the old one.
    private func reload() {
        let log = Logger(label: "signalbox")
        let files = application.settings.transport.certificates
        do throws(Failure) {
            try application.reloadCertificates()
            log.notice("Reloaded: \(files.isEmpty ? "there are no certificates" : files.joined(separator: ", "))")
        } catch {
            log.error("The certificates stay as they were: \(error.sentence)")
        }
        guard let path = application.settings.tenantDatabases else { return }
        let application = application
        application.workers.local.spawn {
            do throws(Failure) {
                try await application.reloadPlacement()
                log.notice("Reloaded: \(path)")
            } catch {
                log.error("The tenants stay where they were: \(error.sentence)")
            }
        }
    }

    private func stop() {
        manager.tell(.stopping)
        Signals.beginStop(within: application.settings.limits.drainTimeout + Self.patience)
        let application = application
        let stopped = DispatchSemaphore(value: 0)
        application.workers.local.spawn {
            await application.stop()
            stopped.signal()
        }
        stopped.wait()
        application.shutDown()
        cluster?.stop()
        alarm(0)
    }
}
