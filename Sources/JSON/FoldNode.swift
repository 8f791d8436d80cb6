/// What the patches seen so far do to one place of a document nobody has.
///
/// Effects on different members are independent and may be told in any order. What shifts its neighbours is kept as it came:
/// it ends a layer, and later effects below the same place go into a new one.
final class FoldNode {
    /// What becomes of the value itself.
    private enum Effect {
        /// It stays, perhaps changed inside.
        case stays
        /// It becomes this value. `isReplacement` when something is known to have been there.
        case set(JSON, isReplacement: Bool)
        /// It goes. `mayBeAbsent` when it is not known whether it was there at the beginning.
        case removed(mayBeAbsent: Bool)
    }

    /// Changes below the value, in order.
    private enum Layer {
        case members(FoldMembers)
        case operation(JSONPatch.Operation)
    }

    private var effect = Effect.stays
    private var layers: [Layer] = []

    /// Takes in the operation that comes next; this node is the root.
    func absorb(_ operation: JSONPatch.Operation) throws(JSONPatchError.Reason) {
        switch operation {
        case .test: return
        case .add(let path, let value): try absorb(.insert(value), operation, path.tokens[...])
        case .replace(let path, let value): try absorb(.replace(value), operation, path.tokens[...])
        case .remove(let path): try absorb(.remove, operation, path.tokens[...])
        case .move(let from, let path), .copy(let from, let path): try absorb(operation, from: from, to: path)
        }
    }

    /// Writes the operations that have the effect.
    func emit(at path: [String], into operations: inout [JSONPatch.Operation]) {
        let pointer = JSONPointer(tokens: path)
        switch effect {
        case .stays:
            for layer in layers {
                switch layer {
                case .operation(let operation):
                    operations.append(operation)
                case .members(let members):
                    for (token, node) in members { node.emit(at: path + [token], into: &operations) }
                }
            }
        case .set(let value, isReplacement: true): operations.append(.replace(pointer, value))
        case .set(let value, isReplacement: false): operations.append(.add(pointer, value))
        case .removed(let mayBeAbsent):
            if mayBeAbsent { operations.append(.add(pointer, .null)) }
            operations.append(.remove(pointer))
        }
    }

    private func absorb(
        _ edit: Edit,
        _ operation: JSONPatch.Operation,
        _ rest: ArraySlice<String>
    ) throws(JSONPatchError.Reason) {
        switch effect {
        case .set(var value, let isReplacement) where !rest.isEmpty:
            // Held once, the value is changed in place.
            effect = .stays
            defer { effect = .set(value, isReplacement: isReplacement) }
            try value.edit(edit, along: rest)
            return
        case .removed where !rest.isEmpty:
            throw .notFound
        case .stays, .set, .removed:
            break
        }
        guard let token = rest.first else { return try become(edit) }
        if rest.count == 1, edit.shiftsNeighbours(of: token) { return append(operation, token) }
        if try enter(token, of: edit, rest.dropFirst()) { return }
        try child(token).absorb(edit, operation, rest.dropFirst())
    }

    private func become(_ edit: Edit) throws(JSONPatchError.Reason) {
        let wasThere = !layers.isEmpty
        switch (edit, effect) {
        case (.insert(let value), .stays): effect = .set(value, isReplacement: wasThere)
        case (.insert(let value), .set(_, let isReplacement)): effect = .set(value, isReplacement: isReplacement)
        case (.insert(let value), .removed(let mayBeAbsent)): effect = .set(value, isReplacement: !mayBeAbsent)
        case (.replace(let value), .stays): effect = .set(value, isReplacement: true)
        case (.replace(let value), .set(_, let isReplacement)): effect = .set(value, isReplacement: isReplacement)
        case (.remove, .stays): effect = .removed(mayBeAbsent: false)
        case (.remove, .set(_, let isReplacement)): effect = .removed(mayBeAbsent: !isReplacement)
        case (.replace, .removed), (.remove, .removed): throw .notFound
        }
        layers = []
    }

    /// Changes inside the element that the operation just before put at this index.
    private func enter(
        _ token: String,
        of edit: Edit,
        _ rest: ArraySlice<String>
    ) throws(JSONPatchError.Reason) -> Bool {
        guard case .operation(.add(let path, var value)) = layers.last, path.tokens.last == token, token != "-" else {
            return false
        }
        layers.removeLast()
        defer { layers.append(.operation(.add(path, value))) }
        try value.edit(edit, along: rest)
        return true
    }

    private func append(_ operation: JSONPatch.Operation, _ token: String) {
        // What was done to an element that leaves now need not be done.
        if case .remove = operation, case .members(let members) = layers.last { members.forget(token) }
        layers.append(.operation(operation))
    }

    /// An operation with two places belongs to the nearest value that holds both.
    private func absorb(
        _ operation: JSONPatch.Operation,
        from: JSONPointer,
        to path: JSONPointer
    ) throws(JSONPatchError.Reason) {
        var node = self
        var depth = 0
        while true {
            switch node.effect {
            case .stays: break
            case .removed: throw .notFound
            case .set(let value, let isReplacement):
                let inside = operation.dropping(depth)
                do {
                    let changed = try JSONPatch(operations: [inside]).apply(to: value)
                    node.effect = .set(changed, isReplacement: isReplacement)
                } catch {
                    throw error.reason
                }
                return
            }
            guard depth < min(from.tokens.count, path.tokens.count) - 1,
                from.tokens[depth].hasSameBytes(as: path.tokens[depth])
            else { break }
            node = node.child(from.tokens[depth])
            depth += 1
        }
        node.layers.append(.operation(operation))
    }

    private func child(_ token: String) -> FoldNode {
        if case .members(let members) = layers.last { return members.node(token) }
        let members = FoldMembers()
        layers.append(.members(members))
        return members.node(token)
    }
}

/// The nodes of the members that were touched, in the order of the first touch.
final class FoldMembers: Sequence {
    private var nodes: [(token: String, node: FoldNode)?] = []
    private var places: [[UInt8]: Int] = [:]

    func node(_ token: String) -> FoldNode {
        let key = Array(token.utf8)
        if let place = places[key], let entry = nodes[place] { return entry.node }
        let node = FoldNode()
        places[key] = nodes.count
        nodes.append((token, node))
        return node
    }

    func forget(_ token: String) {
        guard let place = places.removeValue(forKey: Array(token.utf8)) else { return }
        nodes[place] = nil
    }

    func makeIterator() -> some IteratorProtocol<(token: String, node: FoldNode)> {
        nodes.lazy.compactMap(\.self).makeIterator()
    }
}

extension Edit {
    /// Whether the change may move the elements behind this place: it may, where the token can be an index, since nothing
    /// tells an array from an object with such names.
    fileprivate func shiftsNeighbours(of token: String) -> Bool {
        switch self {
        case .replace: false
        case .insert, .remove: token == "-" || arrayIndex(token) != nil
        }
    }
}

extension JSONPatch.Operation {
    /// The operation within the value that its first tokens lead to; only for those with two places.
    fileprivate func dropping(_ count: Int) -> JSONPatch.Operation {
        func inside(_ pointer: JSONPointer) -> JSONPointer {
            JSONPointer(tokens: Array(pointer.tokens.dropFirst(count)))
        }
        return switch self {
        case .move(let from, let path): .move(from: inside(from), to: inside(path))
        case .copy(let from, let path): .copy(from: inside(from), to: inside(path))
        case .add, .remove, .replace, .test: self
        }
    }
}
