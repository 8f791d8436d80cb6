import Domain
import HTTP

extension Call {
    /// A query parameter; an empty one counts as absent.
    func query(_ name: String) throws -> String? {
        let values = try head.queryItems().values(name)
        guard values.count <= 1 else { throw Problem.parameter(name, "must not be given twice") }
        return values.first.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A query parameter that is a whole number.
    func number(_ name: String, in range: ClosedRange<Int64>) throws -> Int64? {
        guard let text = try query(name) else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw Problem.parameter(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A query parameter that is one of an enumeration's names.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ type: Choice.Type
    ) throws -> Choice? {
        guard let text = try query(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem.parameter(name, "must be one of \(names)")
        }
        return choice
    }

    /// A query parameter that is an id.
    func queryID<Entity>(_ name: String, of type: Entity.Type) throws -> Identifier<Entity>? {
        guard let text = try query(name) else { return nil }
        guard let id = Identifier<Entity>(text) else { throw Problem.parameter(name, "must be an id") }
        return id
    }

    /// The size of the wanted page.
    func limit() throws -> Int {
        try number("limit", in: 1...Int64(Self.maximumPage)).map { Int($0) } ?? Self.defaultPage
    }

    /// Where the wanted page begins.
    func cursor() throws -> String? { try query("cursor") }

    /// A page that the store could find the beginning of.
    func page<Item>(_ page: Page<Item>?) throws -> Page<Item> {
        guard let page else { throw Problem.parameter("cursor", "is not one of this list") }
        return page
    }
}
