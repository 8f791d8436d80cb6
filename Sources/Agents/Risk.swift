/// How much harm a call of a tool can do.
public enum Risk: String, Sendable, Codable, CaseIterable, Comparable {
    /// Reads, or does what is undone at once.
    case low
    /// Changes what is easily put right.
    case medium
    /// Changes what others see or pay for.
    case high
    /// Cannot be undone.
    case critical

    /// Less harm is less.
    public static func < (one: Risk, other: Risk) -> Bool { one.rank < other.rank }

    /// From 0 for ``low`` to 3 for ``critical``.
    var rank: Int {
        switch self {
        case .low: 0
        case .medium: 1
        case .high: 2
        case .critical: 3
        }
    }
}

/// Which calls people decide on before they happen. The stricter of two policies is the greater.
public enum ApprovalPolicy: Sendable, Hashable, Comparable {
    /// None.
    case never
    /// Those of this risk and above.
    case from(Risk)
    /// All.
    case always

    /// Whether people are asked before a call of this risk.
    public func asks(at risk: Risk) -> Bool {
        switch self {
        case .never: false
        case .from(let least): risk >= least
        case .always: true
        }
    }

    /// The laxer policy is less.
    public static func < (one: ApprovalPolicy, other: ApprovalPolicy) -> Bool { one.rank < other.rank }

    private var rank: Int {
        switch self {
        case .never: 0
        case .from(let risk): Risk.allCases.count - risk.rank
        case .always: Risk.allCases.count + 1
        }
    }
}
