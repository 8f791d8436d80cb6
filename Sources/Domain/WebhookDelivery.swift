public import JSON

/// Names a delivery: the `webhook-id` of all its attempts, and the same for all webhooks that are told of an event.
public typealias DeliveryID = Identifier<WebhookDelivery>

/// Where a delivery stands.
public enum DeliveryStatus: String, Sendable, Hashable, CaseIterable {
    /// It is tried, now or later.
    case pending
    /// The receiver took it.
    case delivered
    /// It was given up: it is tried again when somebody asks for it.
    case dead
}

/// One event on its way to one webhook.
public struct WebhookDelivery: Sendable, Equatable {
    /// The delivery's id.
    public let id: DeliveryID
    /// Who is told.
    public let webhook: WebhookID
    /// The kind of the event.
    public let kind: String
    /// The flow it is about; nil for a test.
    public let flow: FlowID?
    /// The event's position in the flow's log.
    public let seq: Int64?
    /// When the event happened.
    public let createdAt: Timestamp
    /// Where it stands.
    public let status: DeliveryStatus
    /// How often it was tried, since it was last asked for.
    public let attempts: Int
    /// When it is tried next, or the present attempt is given up.
    public let nextAt: Timestamp?
    /// How the last attempt that ended went; nil before the first.
    public let last: DeliveryAttempt?

    /// Creates the value.
    public init(
        id: DeliveryID,
        webhook: WebhookID,
        kind: String,
        flow: FlowID?,
        seq: Int64?,
        createdAt: Timestamp,
        status: DeliveryStatus,
        attempts: Int,
        nextAt: Timestamp?,
        last: DeliveryAttempt?
    ) {
        self.id = id
        self.webhook = webhook
        self.kind = kind
        self.flow = flow
        self.seq = seq
        self.createdAt = createdAt
        self.status = status
        self.attempts = attempts
        self.nextAt = nextAt
        self.last = last
    }
}

/// How one attempt went.
public struct DeliveryAttempt: Sendable, Equatable {
    /// When it ended.
    public let at: Timestamp
    /// What the receiver answered; nil when it did not.
    public let statusCode: Int?
    /// What went wrong, in words for people; nil when nothing did.
    public let error: String?

    /// Creates the value.
    public init(at: Timestamp, statusCode: Int?, error: String?) {
        self.at = at
        self.statusCode = statusCode
        self.error = error
    }
}

/// What a delivery tells of.
public struct DeliveryContent: Sendable, Equatable {
    /// The kind of the event.
    public let kind: String
    /// When it happened.
    public let at: Timestamp
    /// The flow it is about; nil for a test.
    public let subject: Subject?
    /// The event as the log has it.
    public let event: JSON
    /// What it changed outside the state, where that is told.
    public let patch: JSON?

    /// A flow, and where in its log the event is.
    public struct Subject: Sendable, Equatable {
        /// The flow.
        public let flow: FlowID
        /// Its type.
        public let type: String
        /// Its title.
        public let title: String
        /// The event's position.
        public let position: Position

        /// Creates the value.
        public init(flow: FlowID, type: String, title: String, position: Position) {
            self.flow = flow
            self.type = type
            self.title = title
            self.position = position
        }
    }

    /// Creates the value.
    public init(kind: String, at: Timestamp, subject: Subject?, event: JSON, patch: JSON?) {
        self.kind = kind
        self.at = at
        self.subject = subject
        self.event = event
        self.patch = patch
    }
}

/// A delivery that this process may try, alone, until its lease ends.
public struct DeliveryClaim: Sendable, Hashable {
    /// Whose it is.
    public let tenant: TenantID
    /// Who is told.
    public let webhook: WebhookID
    /// The delivery.
    public let delivery: DeliveryID
    /// Which attempt this is, from 1.
    public let attempt: Int
    /// Until when. It also tells this claim from every other one of the delivery.
    public let until: Timestamp

    /// Creates the value.
    public init(tenant: TenantID, webhook: WebhookID, delivery: DeliveryID, attempt: Int, until: Timestamp) {
        self.tenant = tenant
        self.webhook = webhook
        self.delivery = delivery
        self.attempt = attempt
        self.until = until
    }
}
