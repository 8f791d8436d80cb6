public import HTTPTypes

/// A complete, valid request line and header section.
public struct RequestHead: Sendable, Equatable {
    /// The method, case-sensitive (RFC 9110 §9.1).
    public let method: HTTPRequest.Method
    /// The request target exactly as sent: visible ASCII, percent-encoding intact.
    public let target: String
    /// Which form ``target`` has.
    public let form: TargetForm
    /// The protocol version of the request.
    public let version: HTTPVersion
    /// The fields in order, names as sent. Values are free of control characters.
    public let headers: HTTPFields
    /// How the content is delimited.
    public let framing: BodyFraming

    /// Creates a head, as a parser or a test does.
    public init(
        method: HTTPRequest.Method,
        target: String,
        form: TargetForm = .origin,
        version: HTTPVersion = .http11,
        headers: HTTPFields = HTTPFields(),
        framing: BodyFraming = .none
    ) {
        self.method = method
        self.target = target
        self.form = form
        self.version = version
        self.headers = headers
        self.framing = framing
    }

    /// The host and optional port the request is for: the target's in absolute form, else the `Host` field.
    public var authority: String? {
        switch form {
        case .absolute(let authority): authority
        case .authority: target
        case .origin, .asterisk: headers.hosts.first
        }
    }

    /// Whether the request is about the server as a whole: OPTIONS for `*`, or for an absolute URI with neither path nor
    /// query, which is how a client of a proxy writes that (RFC 9112 §3.2.4).
    public var isServerWide: Bool {
        switch form {
        case .asterisk: true
        case .absolute: method == .options && resource.isEmpty
        case .origin, .authority: false
        }
    }

    /// The path as sent, still percent-encoded: starts with `/`, except for `*` and CONNECT where it is ``target``.
    public var path: Substring {
        let resource = self.resource
        let path = resource.utf8.firstIndex(of: 0x3F).map { resource[..<$0] } ?? resource
        return path.isEmpty ? "/" : path
    }

    /// The query as sent, without `?`, or nil when there is none.
    public var query: Substring? {
        let resource = self.resource
        guard let mark = resource.utf8.firstIndex(of: 0x3F) else { return nil }
        return resource[resource.index(after: mark)...]
    }

    /// Path and query: the target without scheme, authority and fragment. Clients must not send a fragment, some do.
    private var resource: Substring {
        var resource = Substring(target)
        if case .absolute = form, let rest = TargetForm.afterScheme(target) {
            resource = rest.drop { $0 != "/" && $0 != "?" && $0 != "#" }
        }
        guard let hash = resource.utf8.firstIndex(of: 0x23) else { return resource }
        return resource[..<hash]
    }

    /// The path's segments, percent-decoded: `/a/b%20c` is `["a", "b c"]`, `/` is `[]`, `/a/` is `["a", ""]`.
    ///
    /// Decoding happens after splitting, so a segment never gains a separator.
    /// - Throws: ``HTTPError/Fault/percentEncoding`` for a bad `%` or bytes that are not UTF-8;
    ///   ``HTTPError/Fault/pathSegment`` for a segment that contains `/`, `\` or a control character, or is `.`
    ///   or `..`;
    ///   such a path is an attack, or would resolve differently elsewhere.
    public func pathSegments() throws(HTTPError) -> [String] {
        let path = self.path
        guard path.utf8.first == ASCII.slash else { throw .malformed(.target) }
        if path.utf8.count == 1 { return [] }
        var segments: [String] = []
        for encoded in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            let segment = try PercentEncoding.decode(encoded)
            let isUnsafe = segment.utf8.contains {
                $0 < 0x20 || $0 == 0x7F || $0 == ASCII.slash || $0 == ASCII.backslash
            }
            if isUnsafe || segment == "." || segment == ".." { throw .malformed(.pathSegment) }
            segments.append(segment)
        }
        return segments
    }

    /// The query's pairs, decoded as HTML forms encode them.
    /// - Throws: ``HTTPError/Fault/percentEncoding``.
    public func queryItems() throws(HTTPError) -> QueryItems {
        try QueryItems(parsing: query ?? "")
    }
}
