import Domain
import Postgres

/// A list query in the making: conditions that are present, and values bound in their order after the tenant (`$1`).
struct Select {
    private var conditions = ["tenant_id = $1"]
    private(set) var parameters: [PostgresValue] = []

    /// Binds a value and names its place.
    mutating func bind(_ value: PostgresValue) -> String {
        parameters.append(value)
        return "$\(parameters.count + 1)"
    }

    /// Adds a condition.
    mutating func require(_ condition: String) { conditions.append(condition) }

    /// Adds `column = value`, if there is a value.
    mutating func require(_ column: String, _ value: String?) {
        guard let value else { return }
        conditions.append("\(column) = \(bind(.text(value)))")
    }

    /// Adds a condition on a time and an id as the sort key; false when the cursor is not one of these.
    mutating func begin(_ order: Order, _ key: (time: String, id: String), after cursor: String?) -> Bool {
        guard let cursor else { return true }
        guard let parts = Cursor.decode(cursor, count: 2), let time = Int64(parts[0]),
            let id = Identifier<Never>(parts[1])
        else { return false }
        let comparison = order == .ascending ? ">" : "<"
        conditions.append("(\(key.time), \(key.id)) \(comparison) (\(bind(.microseconds(time))), \(bind(.id(id))))")
        return true
    }

    enum Order {
        case ascending
        case descending
    }

    /// `WHERE …`, with all conditions.
    var clause: String { "WHERE " + conditions.joined(separator: " AND ") }
}

extension Page {
    /// A page of at most `limit` of `rows`, which are one more when there is a next page.
    init(_ rows: PostgresRows, limit: Int, item: (PostgresRow) throws -> Item, cursor: (Item) -> [String]) throws {
        let items = try rows.prefix(limit).map(item)
        self.init(items: items, next: rows.count > limit ? items.last.map { Cursor.encode(cursor($0)) } : nil)
    }
}
