/// What tells one state of a representation from another (RFC 9110 §8.8).
public struct Validators: Sendable, Equatable {
    /// The entity tag; nil when there is none.
    public var tag: EntityTag?
    /// When the representation was last changed, in seconds since 1970-01-01T00:00:00Z; nil when that is not known.
    public var lastModified: Int?

    /// Creates the value.
    public init(tag: EntityTag? = nil, lastModified: Int? = nil) {
        self.tag = tag
        self.lastModified = lastModified
    }
}

/// What the conditions of a request come to (RFC 9110 §13.2.2).
public enum ConditionOutcome: Sendable, Equatable {
    /// They hold: the request is carried out.
    case holds
    /// The client has the representation already: 304.
    case notModified
    /// The client expected another representation: 412.
    case failed
}
