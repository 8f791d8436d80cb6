internal import HTTP

/// One extension a client offers, with its parameters (RFC 6455 §9.1). Also renders the answer.
public struct ExtensionOffer: Sendable, Equatable {
    /// One parameter; `value` is nil where none was given.
    public struct Parameter: Sendable, Equatable {
        /// The name, as sent.
        public let name: String
        /// The value, without quotes.
        public let value: String?

        /// Creates a parameter.
        public init(name: String, value: String? = nil) {
            self.name = name
            self.value = value
        }
    }

    /// The registered name, such as `permessage-deflate`.
    public let name: String
    /// The parameters in order; a name may repeat.
    public let parameters: [Parameter]

    /// Creates an offer or an answer.
    public init(name: String, parameters: [Parameter] = []) {
        self.name = name
        self.parameters = parameters
    }

    init?(parsing text: Substring) {
        let parts = FieldList.tokens([String(text)], separator: ASCII.semicolon)
        guard let name = parts.first, FieldList.isToken(name) else { return nil }
        var parameters: [Parameter] = []
        for part in parts.dropFirst() {
            guard let (name, value) = FieldList.parameter(part) else { return nil }
            parameters.append(Parameter(name: String(name), value: value))
        }
        self.init(name: String(name), parameters: parameters)
    }

    /// The offer as it stands in the field.
    public var fieldValue: String {
        parameters.reduce(name) { text, parameter in
            "\(text); \(parameter.name)" + (parameter.value.map { "=\($0)" } ?? "")
        }
    }
}
