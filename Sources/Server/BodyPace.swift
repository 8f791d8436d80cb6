import Reactor

/// Until when a peer must have sent more of a request's content.
///
/// Two bounds. No two pieces may be further apart than the silence allows. That alone would let a peer that sends a byte
/// now and then hold a connection for ever, so each period of the same length must also bring a minimum of bytes.
struct BodyPace {
    private let silence: UInt64
    private let minimum: Int
    private let timeout: ReachedLimit
    private let rate: ReachedLimit
    private var lastPiece: UInt64 = 0
    private var periodEnd: UInt64 = 0
    private var bytes = 0

    init(_ configuration: ServerConfiguration) {
        silence = configuration.bodyTimeout.boundedNanoseconds
        let (seconds, attoseconds) = configuration.bodyTimeout.components
        let length = Double(seconds) + Double(attoseconds) / 1e18
        minimum = Int((Double(configuration.minimumBodyRate) * length).rounded(.up))
        timeout = ReachedLimit(.bodyTimeout, configuration.bodyTimeout)
        rate = ReachedLimit(.minimumBodyRate, configuration.minimumBodyRate)
    }

    /// It is the peer's turn from now on.
    mutating func begin(at now: UInt64) {
        lastPiece = now
        periodEnd = now + silence
        bytes = 0
    }

    /// A piece has come.
    mutating func received(_ count: Int, at now: UInt64) {
        lastPiece = now
        bytes += count
    }

    /// When ``check(at:)`` is due, from `now`.
    func next(at now: UInt64) -> Duration {
        let due = min(periodEnd, lastPiece + silence)
        return .nanoseconds(Int64(clamping: due > now ? due - now : 0))
    }

    /// The limit that the peer has not kept to; nil when it may go on until ``next(at:)``.
    mutating func check(at now: UInt64) -> ReachedLimit? {
        if now >= lastPiece + silence { return timeout }
        guard now >= periodEnd else { return nil }
        guard bytes >= minimum else { return rate }
        periodEnd = now + silence
        bytes = 0
        return nil
    }
}
