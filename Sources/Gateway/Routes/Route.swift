import HTTPTypes
import Identity
import JSON
import Server

/// One HTTP call: everything about it in one place. The router, the check of permissions and the OpenAPI document are made
/// from these.
struct Route: Sendable {
    /// Who may call.
    enum Access: Sendable, Equatable {
        /// Anybody.
        case open
        /// Anybody who has signed in.
        case signedIn
        /// Whoever's role permits the action.
        case action(Action)
        /// The call looks for itself: the WebSocket's identity may come later.
        case handshake
    }

    /// What content the call takes.
    enum Body: Sendable, Equatable {
        case none
        /// JSON of one of these types; the schema's name.
        case json(String, types: [String] = ["application/json"])
        /// A file, as it is.
        case upload
    }

    /// A query parameter or header field.
    struct Parameter: Sendable {
        enum Place: String, Sendable {
            case query
            case header
        }

        let name: String
        let place: Place
        let schema: JSON
        let summary: String
    }

    /// A successful answer.
    struct Answer: Sendable {
        let status: Int
        /// The schema's name; nil for an answer without content.
        let schema: String?
        let mediaType: String

        init(_ status: Int, _ schema: String? = nil, as mediaType: String = "application/json") {
            self.status = status
            self.schema = schema
            self.mediaType = mediaType
        }
    }

    let method: HTTPRequest.Method
    let path: PathTemplate
    let access: Access
    let summary: String
    let parameters: [Parameter]
    let body: Body
    /// Whether an `Idempotency-Key` is taken.
    let isIdempotent: Bool
    let answers: [Answer]
    /// Whether answers hold secrets, such as tokens.
    let hasSecrets: Bool
    /// What can go wrong beyond what can go wrong with every call of its kind.
    let problems: [ProblemCode]
    let run: @Sendable (Call) async throws -> Response

    init(
        _ method: HTTPRequest.Method,
        _ path: PathTemplate,
        _ access: Access,
        _ summary: String,
        parameters: [Parameter] = [],
        body: Body = .none,
        isIdempotent: Bool = false,
        hasSecrets: Bool = false,
        answers: [Answer],
        problems: [ProblemCode] = [],
        run: @escaping @Sendable (Call) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.summary = summary
        self.parameters = parameters
        self.body = body
        self.isIdempotent = isIdempotent
        self.hasSecrets = hasSecrets
        self.answers = answers
        self.problems = problems
        self.run = run
    }

    /// Content that nobody asked for is read up to this many bytes, so that the connection can go on.
    static let unknownBodyLimit = 64 << 10

    /// All calls.
    static let all: [Route] =
        authentication + flows + flowTypes + agents + flowState + flowHistory + events + streams + prompts
        + uploads + assets + audit + webhooks + webhookDeliveries + webSocket + system
}
