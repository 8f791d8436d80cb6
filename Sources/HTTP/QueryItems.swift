/// The ordered name and value pairs of a query or of an `application/x-www-form-urlencoded` body.
public struct QueryItems: Sendable, Equatable {
    /// One pair. A name without `=` has an empty value.
    public struct Item: Sendable, Equatable {
        /// The decoded name.
        public let name: String
        /// The decoded value.
        public let value: String

        /// Creates a pair of decoded texts.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// All pairs, in the order sent, duplicates included.
    public let items: [Item]

    /// Parses `a=1&b=2`; `+` is a space, empty pairs are skipped.
    /// - Throws: ``HTTPError/Fault/percentEncoding``.
    public init(parsing query: Substring) throws(HTTPError) {
        var items: [Item] = []
        for pair in query.split(separator: "&") {
            let equals = pair.utf8.firstIndex(of: ASCII.equals)
            let name = pair[..<(equals ?? pair.endIndex)]
            let value = equals.map { pair[pair.utf8.index(after: $0)...] } ?? ""
            items.append(
                Item(
                    name: try PercentEncoding.decode(name, plusIsSpace: true),
                    value: try PercentEncoding.decode(value, plusIsSpace: true)
                )
            )
        }
        self.items = items
    }

    /// The first value of `name`, or nil.
    public subscript(name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// All values of `name`, in order.
    public func values(_ name: String) -> [String] {
        items.filter { $0.name == name }.map(\.value)
    }
}
