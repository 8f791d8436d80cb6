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
    /// The bytes of the pointer to where the walk is, as JSON text without its quotes.
    private var pathCost = 0

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
            emit(.replace(JSONPointer(tokens: path), to), cost: replacementCost(of: to, upTo: .max))
        }
    }

    /// Keeps the operations of `body` only when they are no longer than replacing the whole value.
    private mutating func orReplace(with value: JSON, _ body: (inout PatchBuilder) -> Void) {
        let (firstOperation, costBefore) = (operations.count, cost)
        body(&self)
        let spent = cost - costBefore
        guard spent > 0 else { return }
        let replacement = replacementCost(of: value, upTo: spent)
        if replacement < spent {
            operations.removeSubrange(firstOperation...)
            cost = costBefore
            emit(.replace(JSONPointer(tokens: path), value), cost: replacement)
        }
    }

    private func replacementCost(of value: JSON, upTo limit: Int) -> Int {
        let head = OperationSize.replace + pathCost
        return head + value.serializedSize(upTo: limit == .max ? .max : max(limit - head, 0))
    }

    private mutating func emit(_ operation: JSONPatch.Operation, cost: Int) {
        operations.append(operation)
        self.cost += cost
    }

    private mutating func diffMembers(_ old: JSONObject, _ new: JSONObject) {
        if let changed = new.changedPositions(from: old) {
            for position in changed {
                descend(new.members[position].key, old.members[position].value, new.members[position].value)
            }
            return
        }
        for member in old.members where new.position(of: member.key, tag: member.tag) == nil {
            remove(member.key)
        }
        for member in new.members {
            if let position = old.position(of: member.key, tag: member.tag) {
                descend(member.key, old.members[position].value, member.value)
            } else {
                add(member.value, at: member.key)
            }
        }
    }

    private mutating func diffElements(_ old: [JSON], _ new: [JSON]) {
        let script = ArrayMatching.script(from: old, to: new)
        for step in script.steps {
            switch step {
            case .remove(let index): remove(String(index))
            case .insert(let index, let newIndex): add(new[newIndex], at: String(index))
            case .move(let index, let target): move(String(index), to: String(target))
            case .change(let index, let oldIndex, let newIndex):
                descend(String(index), old[oldIndex], new[newIndex])
            }
        }
    }

    private mutating func descend(_ token: String, _ from: JSON, _ to: JSON) {
        let size = OperationSize.token(token)
        path.append(token)
        pathCost += size
        diff(from, to)
        path.removeLast()
        pathCost -= size
    }

    private mutating func remove(_ token: String) {
        emit(.remove(pointer(token)), cost: OperationSize.remove + pathCost + OperationSize.token(token))
    }

    private mutating func add(_ value: JSON, at token: String) {
        let size = OperationSize.add + pathCost + OperationSize.token(token) + value.serializedSize()
        emit(.add(pointer(token), value), cost: size)
    }

    private mutating func move(_ token: String, to target: String) {
        let size = OperationSize.move + 2 * pathCost + OperationSize.token(token) + OperationSize.token(target)
        emit(.move(from: pointer(token), to: pointer(target)), cost: size)
    }

    private func pointer(_ token: String) -> JSONPointer {
        JSONPointer(tokens: path + [token])
    }
}

/// The bytes that operations take in a patch document: their frame with a comma behind it, and the tokens of pointers.
private enum OperationSize {
    static let add = #"{"op":"add","path":"","value":},"#.utf8.count
    static let remove = #"{"op":"remove","path":""},"#.utf8.count
    static let replace = #"{"op":"replace","path":"","value":},"#.utf8.count
    static let move = #"{"op":"move","from":"","path":""},"#.utf8.count

    /// A reference token with its slash, escaped for the pointer and for JSON.
    static func token(_ token: String) -> Int {
        token.utf8.reduce(1) { size, byte in
            switch byte {
            case UInt8(ascii: "~"), UInt8(ascii: "/"), UInt8(ascii: "\""), UInt8(ascii: "\\"): size + 2
            case 0x08, 0x09, 0x0A, 0x0C, 0x0D: size + 2
            case 0..<0x20: size + 6
            default: size + 1
            }
        }
    }
}
