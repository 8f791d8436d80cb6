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
    private var path: [PathStep] = []
    /// The bytes of the pointer to where the walk is, as JSON text without its quotes.
    private var pathSize = 0

    mutating func diff(_ from: JSON, _ to: JSON) {
        switch (from, to) {
        case (.object(let old), .object(let new)):
            guard !old.isSameStorage(as: new) else { return }
            orReplace(with: to) { builder in builder.diffMembers(old, new) }
        case (.array(let old), .array(let new)):
            guard !old.elements.isSameStorage(as: new.elements) else { return }
            orReplace(with: to) { builder in builder.diffElements(old.elements, new.elements) }
        default:
            guard from != to else { return }
            emit(.replace(pointer(), to), cost: OperationSize.replace + pathSize + to.serializedSize())
        }
    }

    /// Keeps the operations of `body` only when they are no longer than replacing the whole value.
    private mutating func orReplace(with value: JSON, _ body: (inout PatchBuilder) -> Void) {
        let (firstOperation, costBefore) = (operations.count, cost)
        body(&self)
        let spent = cost - costBefore
        guard spent > 0 else { return }
        // Most containers are longer than a few changes of them, which is seen without measuring.
        let head = OperationSize.replace + pathSize
        guard !value.isPlainlyLonger(than: spent - head) else { return }
        let replacement = head + value.serializedSize(upTo: max(spent - head, 0))
        if replacement < spent {
            forget(operationsFrom: firstOperation, cost: costBefore)
            emit(.replace(pointer(), value), cost: replacement)
        }
    }

    private mutating func emit(_ operation: JSONPatch.Operation, cost: Int) {
        operations.append(operation)
        self.cost += cost
    }

    private mutating func forget(operationsFrom first: Int, cost: Int) {
        operations.removeSubrange(first...)
        self.cost = cost
    }

    private mutating func diffMembers(_ old: JSONObject, _ new: JSONObject) {
        if diffValues(old, new) { return }
        for member in old.members where new.position(of: member.key, tag: member.tag) == nil {
            remove(.member(member.key))
        }
        for member in new.members {
            if let position = old.position(of: member.key, tag: member.tag) {
                descend(.member(member.key), old.members[position].value, member.value)
            } else {
                add(member.value, at: .member(member.key))
            }
        }
    }

    /// The difference of objects that have the same names in the same order, as versions of a document almost always have;
    /// false, and nothing is done, when they have not.
    private mutating func diffValues(_ old: JSONObject, _ new: JSONObject) -> Bool {
        guard old.count == new.count else { return false }
        let (firstOperation, costBefore) = (operations.count, cost)
        var haveSameNames = true
        old.members.forEachDifference(from: new.members) { _, old, new in
            haveSameNames = haveSameName(old, new)
            if haveSameNames, mayDiffer(old.json, new.json) {
                descend(.member(new.pointee.key), old.json.inPlace.pointee, new.json.inPlace.pointee)
            }
            return haveSameNames
        }
        if !haveSameNames { forget(operationsFrom: firstOperation, cost: costBefore) }
        return haveSameNames
    }

    private mutating func diffElements(_ old: ChunkedArray<JSON>, _ new: ChunkedArray<JSON>) {
        if diffInPlace(old, new) { return }
        for step in ArrayMatching.script(from: old, to: new).steps {
            switch step {
            case .remove(let index): remove(.element(index))
            case .insert(let index, let newIndex): add(new[newIndex], at: .element(index))
            case .move(let index, let target): move(.element(index), to: .element(target))
            case .change(let index, let oldIndex, let newIndex):
                descend(.element(index), old[oldIndex], new[newIndex])
            }
        }
    }

    /// The difference of arrays in which each element is the later version of the one in its place: it has its `id`, or both
    /// its neighbours are what they were. False, and nothing is done, when that is not so.
    private mutating func diffInPlace(_ old: ChunkedArray<JSON>, _ new: ChunkedArray<JSON>) -> Bool {
        guard old.count == new.count else { return false }
        let (firstOperation, costBefore) = (operations.count, cost)
        var areInPlace = true
        var last: Int?
        old.forEachDifference(from: new) { index, old, new in
            if areEqual(old, new) { return true }
            if let id = old.pointee["id"], let newID = new.pointee["id"] {
                areInPlace = id == newID
            } else {
                // Of elements without a name, neighbours that both differ may have been moved.
                areInPlace = last != index - 1
                last = index
            }
            if areInPlace { descend(.element(index), old.inPlace.pointee, new.inPlace.pointee) }
            return areInPlace
        }
        if !areInPlace { forget(operationsFrom: firstOperation, cost: costBefore) }
        return areInPlace
    }

    /// False when both are equal scalars, for which no step need be taken. Containers are compared on the way.
    @inline(__always)
    private func mayDiffer(_ from: UnsafePointer<JSON>, _ to: UnsafePointer<JSON>) -> Bool {
        guard !areSameBits(from, to) else { return false }
        return from.inPlace.pointee.isContainer && to.inPlace.pointee.isContainer || !areEqual(from, to)
    }

    private mutating func descend(_ step: PathStep, _ from: JSON, _ to: JSON) {
        let size = step.size
        path.append(step)
        pathSize += size
        diff(from, to)
        path.removeLast()
        pathSize -= size
    }

    private mutating func descend(_ step: PathStep, _ from: borrowing InPlace<JSON>, _ to: borrowing InPlace<JSON>) {
        descend(step, from.value, to.value)
    }

    private mutating func remove(_ step: PathStep) {
        emit(.remove(pointer(step)), cost: OperationSize.remove + pathSize + step.size)
    }

    private mutating func add(_ value: JSON, at step: PathStep) {
        emit(.add(pointer(step), value), cost: OperationSize.add + pathSize + step.size + value.serializedSize())
    }

    private mutating func move(_ step: PathStep, to target: PathStep) {
        let size = OperationSize.move + 2 * pathSize + step.size + target.size
        emit(.move(from: pointer(step), to: pointer(target)), cost: size)
    }

    private func pointer(_ last: PathStep? = nil) -> JSONPointer {
        var tokens: [String] = []
        tokens.reserveCapacity(path.count + 1)
        for step in path { tokens.append(step.token) }
        if let last { tokens.append(last.token) }
        return JSONPointer(tokens: tokens)
    }
}

/// The bytes that operations take in a patch document besides pointers and values: their frame with a comma behind it.
private enum OperationSize {
    static let add = #"{"op":"add","path":"","value":},"#.utf8.count
    static let remove = #"{"op":"remove","path":""},"#.utf8.count
    static let replace = #"{"op":"replace","path":"","value":},"#.utf8.count
    static let move = #"{"op":"move","from":"","path":""},"#.utf8.count
}
