/// Why a patch is malformed or cannot be applied, and which operation is to blame.
public struct JSONPatchError: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Reason: Error, Hashable, Sendable {
        /// The patch document is not an array.
        case notAnArray
        /// The operation is not an object.
        case notAnObject
        /// The operation lacks this member, or the member is not a string.
        case missingMember(String)
        /// `op` is none of the six operations.
        case unknownOperation(String)
        /// This member is not a JSON Pointer.
        case invalidPointer(member: String, JSONPointerError)
        /// Nothing is there: a member or element on the way does not exist.
        case notFound
        /// A token for an array is neither an index without leading zeros nor, where one may be added, `-`.
        case invalidIndex(String)
        /// The index lies beyond the end of the array.
        case indexOutOfRange(Int, count: Int)
        /// The way leads through a value that is neither an array nor an object.
        case notAContainer
        /// The whole document cannot be removed.
        case rootRemoved
        /// A value cannot be moved into itself.
        case movedIntoItself
        /// The value that is there is not the expected one.
        case testFailed
        /// The result would nest deeper than the limit.
        case tooDeep(limit: Int)
        /// The patch copies more bytes than the limit.
        case tooLarge(limit: Int)
    }

    /// The index of the failing operation; `nil` when the fault is not in one operation.
    public let index: Int?
    /// The pointer of the failing operation as text: its `from` when that is at fault, otherwise its `path`.
    public let pointer: String
    /// What is wrong.
    public let reason: Reason

    /// An error of an operation.
    public init(index: Int?, pointer: String, reason: Reason) {
        self.index = index
        self.pointer = pointer
        self.reason = reason
    }
}

extension JSONPatchError: CustomStringConvertible {
    /// One sentence that names the operation, its pointer and the fault.
    public var description: String {
        let place = index.map { "Operation \($0) at \"\(pointer)\"" } ?? "The patch at \"\(pointer)\""
        return "\(place): \(reason)."
    }
}

extension JSONPatchError.Reason: CustomStringConvertible {
    /// The fault, as part of a sentence.
    public var description: String {
        switch self {
        case .notAnArray: "a patch must be an array"
        case .notAnObject: "an operation must be an object"
        case .missingMember(let name): "the member \"\(name)\" is missing or has the wrong type"
        case .unknownOperation(let name): "\"\(name.prefix(64))\" is not an operation"
        case .invalidPointer(let member, _): "the member \"\(member)\" is not a JSON Pointer"
        case .notFound: "there is no value"
        case .invalidIndex(let token): "\"\(token.prefix(64))\" is not an array index"
        case .indexOutOfRange(let index, let count): "index \(index) is beyond the \(count) elements of the array"
        case .notAContainer: "the way leads through a value that is neither array nor object"
        case .rootRemoved: "the whole document cannot be removed"
        case .movedIntoItself: "a value cannot be moved into itself"
        case .testFailed: "the value is not the expected one"
        case .tooDeep(let limit): "the result nests deeper than \(limit) levels"
        case .tooLarge(let limit): "the patch copies more than \(limit) bytes"
        }
    }
}
