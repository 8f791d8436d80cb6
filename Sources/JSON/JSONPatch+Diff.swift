extension JSONPatch {
    /// A short patch that turns one document into another: applying it to `from` gives a value equal to `to`.
    ///
    /// Subtrees that share storage are skipped unseen. Objects are compared member by member. In arrays the common
    /// ends are set aside; what is between is matched by `id` where every element is an object with a unique one, and
    /// by a longest common subsequence of bounded cost elsewhere. Wherever the operations of a subtree would take more
    /// bytes than replacing it, it is replaced. Members keep the order they have in `from`, which equality ignores.
    /// - Complexity: O(size of both documents) apart from the bounded matching of arrays.
    public static func diff(from: JSON, to: JSON) -> JSONPatch {
        var builder = PatchBuilder()
        builder.diff(from, to)
        return JSONPatch(operations: builder.operations)
    }
}

/// Collects the operations of a difference while it walks both documents.
struct PatchBuilder {
    private(set) var operations: [JSONPatch.Operation] = []
    /// The bytes the operations take in a patch document.
    private var cost = 0
    private var path: [String] = []

    mutating func diff(_ from: JSON, _ to: JSON) {
        switch (from, to) {
        case (.object(let old), .object(let new)):
            guard !old.isSameStorage(as: new) else { return }
            orReplace(with: to) { builder in builder.diffMembers(old, new) }
        case (.array(let old), .array(let new)):
            guard !old.isSameStorage(as: new) else { return }
            orReplace(with: to) { builder in builder.diffElements(old, new) }
        default:
            guard from != to else { return }
            emit(.replace(JSONPointer(tokens: path), to))
        }
    }

    /// Keeps the operations of `body` only when they are no longer than replacing the whole value.
    private mutating func orReplace(with value: JSON, _ body: (inout PatchBuilder) -> Void) {
        let (firstOperation, costBefore) = (operations.count, cost)
        body(&self)
        let spent = cost - costBefore
        guard spent > 0 else { return }
        let replacement = JSONPatch.Operation.replace(JSONPointer(tokens: path), value)
        if replacement.serializedSize(upTo: spent) < spent {
            operations.removeSubrange(firstOperation...)
            cost = costBefore
            emit(replacement)
        }
    }

    private mutating func emit(_ operation: JSONPatch.Operation) {
        operations.append(operation)
        cost += operation.serializedSize(upTo: .max)
    }

    private mutating func diffMembers(_ old: JSONObject, _ new: JSONObject) {
        for member in old.members where new.position(of: member.key, tag: member.tag) == nil {
            emit(.remove(JSONPointer(tokens: path + [member.key])))
        }
        for member in new.members {
            if let position = old.position(of: member.key, tag: member.tag) {
                descend(member.key, old.members[position].value, member.value)
            } else {
                emit(.add(JSONPointer(tokens: path + [member.key]), member.value))
            }
        }
    }

    private mutating func descend(_ token: String, _ from: JSON, _ to: JSON) {
        path.append(token)
        diff(from, to)
        path.removeLast()
    }

    private mutating func diffElements(_ old: [JSON], _ new: [JSON]) {
        let script = ArrayMatching.script(from: old, to: new)
        for step in script.steps {
            switch step {
            case .remove(let index):
                emit(.remove(element(index)))
            case .insert(let index, let newIndex):
                emit(.add(element(index), new[newIndex]))
            case .move(let index, let target):
                emit(.move(from: element(index), to: element(target)))
            case .change(let index, let oldIndex, let newIndex):
                descend(String(index), old[oldIndex], new[newIndex])
            }
        }
    }

    private func element(_ index: Int) -> JSONPointer {
        JSONPointer(tokens: path + [String(index)])
    }
}

extension JSONPatch.Operation {
    /// The bytes the operation takes in a patch document, a separating comma included; above `limit` only that it is.
    fileprivate func serializedSize(upTo limit: Int) -> Int {
        let (frame, pointers, value): (Int, [JSONPointer], JSON?)
        switch self {
        case .add(let path, let new): (frame, pointers, value) = (30, [path], new)
        case .remove(let path): (frame, pointers, value) = (24, [path], nil)
        case .replace(let path, let new): (frame, pointers, value) = (34, [path], new)
        case .move(let from, let path): (frame, pointers, value) = (30, [from, path], nil)
        case .copy(let from, let path): (frame, pointers, value) = (30, [from, path], nil)
        case .test(let path, let expected): (frame, pointers, value) = (31, [path], expected)
        }
        let head = pointers.reduce(frame) { $0 + JSON.string($1.text).serializedSize() }
        return head + (value?.serializedSize(upTo: max(limit - head, 0)) ?? 0)
    }
}

extension [JSON] {
    /// Whether both are the same storage, and therefore equal without looking.
    fileprivate func isSameStorage(as other: [JSON]) -> Bool {
        guard count == other.count else { return false }
        return withUnsafeBufferPointer { left in
            other.withUnsafeBufferPointer { right in left.baseAddress == right.baseAddress }
        }
    }
}
