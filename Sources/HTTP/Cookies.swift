/// The cookies of a request (RFC 6265 §5.4), read leniently: what is no pair is skipped.
public struct Cookies: Sendable, Equatable {
    private let pairs: [Pair]

    private struct Pair: Sendable, Equatable {
        let name: Substring
        let value: Substring
    }

    /// Parses the values of all `Cookie` fields.
    public init(parsing values: [String]) {
        var pairs: [Pair] = []
        for value in values {
            for part in value.split(separator: ";") {
                guard let equals = part.utf8.firstIndex(of: ASCII.equals) else { continue }
                let name = FieldList.trimmed(part[..<equals])
                guard !name.isEmpty else { continue }
                pairs.append(Pair(name: name, value: FieldList.trimmed(part[part.utf8.index(after: equals)...])))
            }
        }
        self.pairs = pairs
    }

    /// The value of the first cookie called `name`: user agents send the most specific path first.
    public subscript(name: String) -> String? {
        pairs.first { $0.name == name }.map { String($0.value) }
    }

    /// How many cookies were sent.
    public var count: Int { pairs.count }
}
