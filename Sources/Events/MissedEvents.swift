public import Domain

/// Events that a subscriber was too slow for. What they were is in the logs of the flows, between the positions.
public struct MissedEvents: Sendable, Equatable {
    /// Part of a flow's log in which something was missed.
    public struct Stretch: Sendable, Equatable {
        /// Whose flow it is.
        public let tenant: TenantID
        /// The flow.
        public let flow: FlowID
        /// The flow's epoch.
        public let epoch: String
        /// The positions of the first and the last event that was missed.
        public fileprivate(set) var positions: ClosedRange<Int64>
    }

    /// How many events.
    public private(set) var count = 0
    /// Where they are, one stretch for each flow.
    public private(set) var stretches: [Stretch] = []
    /// Whether there were more flows than ``maximumStretches``, so that some are not named.
    public private(set) var isCut = false

    /// The most flows that are named.
    public static let maximumStretches = 256

    init(_ origin: EventOrigin) { add(origin) }

    mutating func add(_ origin: EventOrigin) {
        count += 1
        let (epoch, seq) = (origin.position.epoch, origin.position.seq)
        if let index = stretches.lastIndex(where: { $0.flow == origin.flow && $0.epoch == epoch }) {
            let known = stretches[index].positions
            stretches[index].positions = min(known.lowerBound, seq)...max(known.upperBound, seq)
        } else if stretches.count < Self.maximumStretches {
            stretches.append(
                Stretch(tenant: origin.tenant, flow: origin.flow, epoch: epoch, positions: seq...seq)
            )
        } else {
            isCut = true
        }
    }
}
