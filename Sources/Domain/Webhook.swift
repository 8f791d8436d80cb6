/// Names a webhook.
public typealias WebhookID = Identifier<Webhook>

/// Where a tenant wants to be told of what happens, and of what.
public struct Webhook: Sendable, Equatable {
    /// The webhook's id.
    public let id: WebhookID
    /// Where it is told.
    public var url: String
    /// What its owner calls it.
    public var description: String
    /// Kinds of events, whole (`flow.succeeded`), by their beginning (`prompt.*`), or all of them (`*`).
    public var events: [String]
    /// Whether it is told.
    public var isEnabled: Bool
    /// Why it is not, where that was not its owner's wish.
    public var disabledReason: String?
    /// What messages are signed with.
    public var secret: WebhookSecret
    /// What they are signed with as well, while the receiver changes over.
    public var formerSecret: FormerSecret?
    /// Who made it.
    public let createdBy: String
    /// When.
    public let createdAt: Timestamp
    /// When it was last changed.
    public var updatedAt: Timestamp

    /// A secret that was replaced, and when it ends.
    public struct FormerSecret: Sendable, Equatable {
        /// The secret.
        public let secret: WebhookSecret
        /// Until when messages are signed with it.
        public let until: Timestamp

        /// Creates the value.
        public init(secret: WebhookSecret, until: Timestamp) {
            self.secret = secret
            self.until = until
        }
    }

    /// Creates the value.
    public init(
        id: WebhookID,
        url: String,
        description: String,
        events: [String],
        isEnabled: Bool,
        disabledReason: String? = nil,
        secret: WebhookSecret,
        formerSecret: FormerSecret? = nil,
        createdBy: String,
        createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.url = url
        self.description = description
        self.events = events
        self.isEnabled = isEnabled
        self.disabledReason = disabledReason
        self.secret = secret
        self.formerSecret = formerSecret
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// What a message is signed with at a time, the present secret first.
    public func secrets(at now: Timestamp) -> [WebhookSecret] {
        [secret] + (formerSecret.map { now < $0.until ? [$0.secret] : [] } ?? [])
    }
}

/// The key that a webhook's messages are signed with. Nothing that prints it shows it.
public struct WebhookSecret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// The key.
    public let bytes: [UInt8]

    /// Creates the value.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Has no children.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
