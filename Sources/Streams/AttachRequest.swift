public import Domain

/// What a subscriber asks for.
public struct AttachRequest: Sendable {
    /// What a subscriber wants of a stream.
    public enum Interest: Sendable {
        /// The document, however it changes.
        case document
        /// Each event of a flow, even where the document would be shorter.
        case everyEvent
    }

    /// The tenant of the caller.
    public let tenant: TenantID
    /// The stream.
    public let stream: StreamName
    /// The last position the client holds, if it holds any.
    public let since: Position?
    /// What the caller sees of a live list; nil for a flow.
    public let filter: ViewFilter?
    /// What is wanted.
    public let interest: Interest
    /// Whether what the client holds has proved to be wrong: it gets the document anew, straight from the database.
    public let isResync: Bool

    /// Creates the value.
    public init(
        tenant: TenantID,
        stream: StreamName,
        since: Position?,
        filter: ViewFilter?,
        interest: Interest = .document,
        isResync: Bool = false
    ) {
        self.tenant = tenant
        self.stream = stream
        self.since = since
        self.filter = filter
        self.interest = interest
        self.isResync = isResync
    }

    /// The same for a subscriber that holds this position by now.
    func continuing(from position: Position) -> AttachRequest {
        AttachRequest(tenant: tenant, stream: stream, since: position, filter: filter, interest: interest)
    }
}

/// The answer to a subscription: where it begins.
public struct AttachReply: Sendable {
    /// The stream.
    public let stream: StreamName
    /// The position from which on changes follow: of the snapshot, or the one the client already held.
    public let position: Position
    /// The whole document; nil when what follows the client's own position is told.
    public let snapshot: StreamSnapshot?
    /// The last position that is known to exist.
    let end: Int64

    init(snapshot: StreamSnapshot) {
        (stream, position, self.snapshot) = (snapshot.stream, snapshot.position, snapshot)
        end = snapshot.position.seq
    }

    init(stream: StreamName, since position: Position, end: Int64) {
        (self.stream, self.position, snapshot) = (stream, position, nil)
        self.end = end
    }
}

/// Why a subscription did not begin, or ended.
public enum AttachError: Error, Equatable, Sendable {
    /// No such stream in this tenant.
    case noSuchStream
    /// The database could not be read.
    case unavailable
}
