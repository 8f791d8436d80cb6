public import JSON

/// One line of the append-only audit log.
public struct AuditEntry: Sendable, Equatable {
    /// When.
    public let at: Timestamp
    /// The `sub` of who acted, or `system:…`.
    public let actor: String
    /// By which channel: `http`, `websocket`, `engine`, `cli`.
    public let channel: String
    /// What was done, as `noun.verb`: `prompt.decided`, `session.created`.
    public let action: String
    /// What it was done to, as `noun:id`.
    public let subject: String
    /// What else matters: verb, reason, digest of what was shown.
    public let detail: JSON

    /// Creates the value.
    public init(at: Timestamp, actor: String, channel: String, action: String, subject: String, detail: JSON) {
        self.at = at
        self.actor = actor
        self.channel = channel
        self.action = action
        self.subject = subject
        self.detail = detail
    }
}

/// A file as it was sent, kept in chunks.
public struct Upload: Sendable, Equatable {
    /// The upload's id.
    public let id: UploadID
    /// The name its sender gave it.
    public let filename: String
    /// The media type its sender gave it.
    public let contentType: String
    /// Its size in bytes.
    public let bytes: Int64
    /// Hex SHA-256 of its content; nil while it is still being sent.
    public let sha256: String?
    /// Who sent it.
    public let createdBy: String
    /// When.
    public let createdAt: Timestamp

    /// Creates the value.
    public init(
        id: UploadID,
        filename: String,
        contentType: String,
        bytes: Int64,
        sha256: String?,
        createdBy: String,
        createdAt: Timestamp
    ) {
        self.id = id
        self.filename = filename
        self.contentType = contentType
        self.bytes = bytes
        self.sha256 = sha256
        self.createdBy = createdBy
        self.createdAt = createdAt
    }
}

/// One thing of the inventory.
public struct Asset: Sendable, Equatable {
    /// The asset's id.
    public let id: AssetID
    /// What makes it the same asset when a step runs again; unique within its flow.
    public let key: String
    /// The flow that found it.
    public let flow: FlowID
    /// What it is called: host name, or the best other name.
    public let name: String
    /// Kind of asset, where known.
    public let type: String?
    /// `production`, `staging` …, where known.
    public let environment: String?
    /// All canonical attributes, unmapped columns, issues: an object.
    public let attributes: JSON
    /// The line of the export it came from.
    public let sourceRow: Int
    /// When it was stored.
    public let createdAt: Timestamp

    /// Creates the value.
    public init(
        id: AssetID,
        key: String,
        flow: FlowID,
        name: String,
        type: String?,
        environment: String?,
        attributes: JSON,
        sourceRow: Int,
        createdAt: Timestamp
    ) {
        self.id = id
        self.key = key
        self.flow = flow
        self.name = name
        self.type = type
        self.environment = environment
        self.attributes = attributes
        self.sourceRow = sourceRow
        self.createdAt = createdAt
    }
}

/// An answer kept under an `Idempotency-Key`.
public struct IdempotentAnswer: Sendable, Equatable {
    /// SHA-256 (hex) of method, path and body of the first request.
    public let requestDigest: String
    /// The status code of the first answer.
    public let status: Int
    /// The body of the first answer.
    public let body: JSON

    /// Creates the value.
    public init(requestDigest: String, status: Int, body: JSON) {
        self.requestDigest = requestDigest
        self.status = status
        self.body = body
    }
}
