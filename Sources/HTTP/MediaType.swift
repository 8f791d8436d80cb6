/// A media type such as `text/html; charset=utf-8` (RFC 9110 §8.3.1).
public struct MediaType: Sendable, Hashable {
    /// A parameter; names are lower case.
    public struct Parameter: Sendable, Hashable {
        /// The name, lower case.
        public let name: String
        /// The value, without quotes.
        public let value: String

        /// Creates a parameter; `name` is folded to lower case.
        public init(name: String, value: String) {
            self.name = name.lowercased()
            self.value = value
        }
    }

    /// `text` of `text/html`, lower case.
    public let type: String
    /// `html` of `text/html`, lower case.
    public let subtype: String
    /// The parameters in order.
    public let parameters: [Parameter]

    /// Creates a media type from known-good parts, which are folded to lower case.
    public init(type: String, subtype: String, parameters: [Parameter] = []) {
        self.type = type.lowercased()
        self.subtype = subtype.lowercased()
        self.parameters = parameters
    }

    /// Parses a `Content-Type` value.
    /// - Throws: ``HTTPError/Fault/mediaType``.
    public init(parsing text: String) throws(HTTPError) {
        try self.init(parsing: text[...])
    }

    init(parsing text: Substring) throws(HTTPError) {
        let parts = FieldList.tokens([String(text)], separator: ASCII.semicolon)
        guard let essence = parts.first, let slash = essence.utf8.firstIndex(of: ASCII.slash) else {
            throw .malformed(.mediaType)
        }
        let type = essence[..<slash]
        let subtype = essence[essence.utf8.index(after: slash)...]
        guard FieldList.isToken(type), FieldList.isToken(subtype) else { throw .malformed(.mediaType) }
        var parameters: [Parameter] = []
        for part in parts.dropFirst() {
            guard let parameter = FieldList.parameter(part), let value = parameter.value else {
                throw .malformed(.mediaType)
            }
            parameters.append(Parameter(name: String(parameter.name), value: value))
        }
        self.init(type: String(type), subtype: String(subtype), parameters: parameters)
    }

    /// Type and subtype without parameters.
    public var essence: String { "\(type)/\(subtype)" }

    /// The value of the parameter `name`, compared without case.
    public subscript(parameter name: String) -> String? {
        parameters.first { ASCII.equalIgnoringCase($0.name, name) }?.value
    }

    /// Whether type and subtype are those of `other`; parameters are not compared.
    public func hasSameEssence(as other: MediaType) -> Bool {
        type == other.type && subtype == other.subtype
    }

    /// `application/json`
    public static let json = MediaType(type: "application", subtype: "json")
    /// `application/problem+json` (RFC 9457)
    public static let problem = MediaType(type: "application", subtype: "problem+json")
    /// `text/event-stream`
    public static let eventStream = MediaType(type: "text", subtype: "event-stream")
    /// `application/octet-stream`
    public static let octetStream = MediaType(type: "application", subtype: "octet-stream")
    /// `text/csv`
    public static let csv = MediaType(type: "text", subtype: "csv")
    /// `text/html; charset=utf-8`
    public static let html = MediaType(
        type: "text",
        subtype: "html",
        parameters: [.init(name: "charset", value: "utf-8")]
    )
}

extension MediaType: CustomStringConvertible {
    /// The field value; parameter values are quoted when they are no token.
    public var description: String {
        var text = essence
        for parameter in parameters {
            text += "; \(parameter.name)="
            if FieldList.isToken(parameter.value[...]) {
                text += parameter.value
            } else {
                text += "\""
                for character in parameter.value {
                    if character == "\"" || character == "\\" { text += "\\" }
                    text.append(character)
                }
                text += "\""
            }
        }
        return text
    }
}
