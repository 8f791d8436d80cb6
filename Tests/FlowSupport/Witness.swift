public import Domain
import JSON
import Locking

/// Sees what steps really did, as somebody outside would.
public final class Witness: Sendable {
    private let seen = Mutex<[String]>([])

    /// Creates a witness who has seen nothing.
    public init() {}

    /// Sees something.
    public func saw(_ name: String) { seen.withLock { $0.append(name) } }

    /// How often it was seen.
    public func count(_ name: String) -> Int { all.count { $0 == name } }

    /// All that was seen, in order.
    public var all: [String] { seen.withLock(\.self) }
}

/// A question that can be approved or rejected.
public func question(_ title: String) -> PromptDraft {
    PromptDraft(kind: .confirmation, title: title, message: "", shown: [:], allowed: [.approve, .reject])
}
