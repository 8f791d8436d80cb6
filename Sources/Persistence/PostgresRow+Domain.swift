import Domain
import JSON
import Postgres

extension PostgresValue {
    /// An id, as text.
    static func id<Entity>(_ id: Identifier<Entity>) -> PostgresValue { .text(id.text) }
    /// An id, or `NULL`.
    static func id<Entity>(_ id: Identifier<Entity>?) -> PostgresValue { id.map { .text($0.text) } ?? .null }
    /// A document, as its compact text.
    static func int(_ number: Int64?) -> PostgresValue { number.map { .int($0) } ?? .null }

    static func json(_ json: JSON) -> PostgresValue { .text(json.text) }
    /// A document, or `NULL` for nil (which is not the document `null`).
    static func json(_ json: JSON?) -> PostgresValue { json.map { .text($0.text) } ?? .null }
    /// A point in time.
    static func time(_ time: Timestamp) -> PostgresValue { .microseconds(time.microseconds) }
    /// A point in time, or `NULL`.
    static func time(_ time: Timestamp?) -> PostgresValue { time.map { .microseconds($0.microseconds) } ?? .null }
}

/// Columns of rows that travel together.
extension PostgresValue {
    static func uuids<Entity>(_ ids: [Identifier<Entity>]) -> PostgresValue { .uuids(ids.map(Optional.some)) }
    static func uuids<Entity>(_ ids: [Identifier<Entity>?]) -> PostgresValue {
        .binaryArray(.uuids(ids.map { $0?.words }))
    }
    static func bigints(_ numbers: [Int64]) -> PostgresValue { .bigints(numbers.map(Optional.some)) }
    static func bigints(_ numbers: [Int64?]) -> PostgresValue { .binaryArray(.bigints(numbers)) }
    static func texts(_ texts: [String]) -> PostgresValue { .texts(texts.map(Optional.some)) }
    static func texts(_ texts: [String?]) -> PostgresValue { .binaryArray(.texts(texts)) }
    static func jsons(_ documents: [JSON?]) -> PostgresValue {
        .binaryArray(.jsons(documents.map { $0?.serialized() }))
    }
    static func times(_ times: [Timestamp]) -> PostgresValue { .times(times.map(Optional.some)) }
    static func times(_ times: [Timestamp?]) -> PostgresValue { .binaryArray(.times(times.map { $0?.microseconds })) }
}

extension PostgresRow {
    func id<Entity>(_ column: String) throws -> Identifier<Entity> {
        guard let id: Identifier<Entity> = try idOrNil(column) else { throw StoreError.unreadable(column) }
        return id
    }

    func idOrNil<Entity>(_ column: String) throws -> Identifier<Entity>? {
        try uuidOrNil(column).flatMap { Identifier<Entity>($0) }
    }

    func time(_ column: String) throws -> Timestamp { Timestamp(microseconds: try microseconds(column)) }

    func timeOrNil(_ column: String) throws -> Timestamp? { try microsecondsOrNil(column).map(Timestamp.init) }

    func json(_ column: String) throws -> JSON {
        guard let json = try jsonOrNil(column) else { throw StoreError.unreadable(column) }
        return json
    }

    func jsonOrNil(_ column: String) throws -> JSON? {
        guard let bytes = try bytesOrNil(column) else { return nil }
        do {
            // What was accepted once must be readable for ever, whatever the limits for senders are by then.
            return try JSON.parse(bytes, limits: .stored)
        } catch {
            throw StoreError.unreadable(column)
        }
    }

    /// A value of an enumeration that is stored by its raw value.
    func value<Value: RawRepresentable<String>>(_ column: String) throws -> Value {
        guard let value = Value(rawValue: try string(column)) else { throw StoreError.unreadable(column) }
        return value
    }

    /// Values of an enumeration that are stored by their raw values.
    func values<Value: RawRepresentable<String>>(_ column: String) throws -> [Value] {
        try strings(column).map { text in
            guard let value = Value(rawValue: text) else { throw StoreError.unreadable(column) }
            return value
        }
    }
}

extension JSONLimits {
    /// As much as one column can hold.
    fileprivate static var stored: JSONLimits {
        JSONLimits(
            maxDepth: hardMaxDepth,
            maxBytes: 1 << 30,
            maxStringBytes: 1 << 30,
            maxNumberBytes: 1 << 20,
            maxValues: .max
        )
    }
}
