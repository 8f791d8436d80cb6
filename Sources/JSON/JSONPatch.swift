/// A JSON Patch (RFC 6902): operations that turn one document into another.
public struct JSONPatch: Sendable, Hashable {
    /// One step of a patch (RFC 6902 §4).
    public enum Operation: Sendable, Hashable {
        /// Puts a value at a place, inserting into arrays and replacing members that exist (§4.1).
        case add(JSONPointer, JSON)
        /// Takes away the value that is there (§4.2).
        case remove(JSONPointer)
        /// Puts another value in the place of the one that is there (§4.3).
        case replace(JSONPointer, JSON)
        /// Takes the value from one place and adds it at another (§4.4).
        case move(from: JSONPointer, to: JSONPointer)
        /// Adds the value of one place at another (§4.5).
        case copy(from: JSONPointer, to: JSONPointer)
        /// Fails the patch unless this value is there (§4.6).
        case test(JSONPointer, JSON)

        /// Where the operation takes effect: its `path`.
        public var path: JSONPointer {
            switch self {
            case .add(let path, _), .remove(let path), .replace(let path, _), .move(_, let path), .copy(_, let path),
                .test(let path, _):
                path
            }
        }
    }

    /// The operations in the order they are applied.
    public var operations: [Operation]

    /// A patch of these operations.
    public init(operations: [Operation] = []) {
        self.operations = operations
    }

    /// Whether the patch has no operations.
    public var isEmpty: Bool { operations.isEmpty }

    /// The same patch for a document in which this one's document stands at `pointer`.
    public func prefixed(by pointer: JSONPointer) -> JSONPatch {
        JSONPatch(
            operations: operations.map { operation in
                switch operation {
                case .add(let path, let value): .add(pointer.appending(path), value)
                case .remove(let path): .remove(pointer.appending(path))
                case .replace(let path, let value): .replace(pointer.appending(path), value)
                case .move(let from, let path): .move(from: pointer.appending(from), to: pointer.appending(path))
                case .copy(let from, let path): .copy(from: pointer.appending(from), to: pointer.appending(path))
                case .test(let path, let value): .test(pointer.appending(path), value)
                }
            }
        )
    }
}
