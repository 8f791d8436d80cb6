import Locking
import Logging
import Reactor

/// Tells the operator when connections cannot be taken for want of descriptors or memory: once when it begins and once when
/// it is over, for all loops together, however many connections come in between.
final class ExhaustionLog: Sendable {
    private struct Episode {
        /// Loops that cannot take connections.
        var loops = 0
        var refused = 0
    }

    private let logger: Logger
    private let episode = Mutex(Episode())

    init(_ logger: Logger) { self.logger = logger }

    /// One loop cannot take connections any more.
    func began(_ error: SystemError, open: Int) {
        let isFirst = episode.withLock { episode in
            episode.loops += 1
            return episode.loops == 1
        }
        guard isFirst else { return }
        logger.warning(
            """
            No new connection can be taken (\(error)) at \(open) open ones; open_file_limit is \
            \(DescriptorLimit.current). Those are served on, others are refused.
            """
        )
    }

    /// A connection was refused.
    func refused() { episode.withLock { $0.refused += 1 } }

    /// One loop can take connections again.
    func ended() {
        let refused: Int? = episode.withLock { episode in
            episode.loops -= 1
            guard episode.loops == 0 else { return nil }
            defer { episode.refused = 0 }
            return episode.refused
        }
        if let refused { logger.notice("Connections are taken again; \(refused) were refused meanwhile.") }
    }
}
