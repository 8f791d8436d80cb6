extension JSONPatch {
    /// Applies the operations in order and returns the new document; the old one stays as it is, and shares with the
    /// new one whatever the patch did not touch. Either all operations take effect or none (RFC 6902 §5).
    ///
    /// The result is held to `limits`: `maxDepth` of nesting, and `maxBytes` for all that `copy` adds, since a few
    /// copies of the root into itself would otherwise double a document beyond any memory.
    /// - Throws: ``JSONPatchError`` of the first operation that fails.
    public func apply(to document: JSON, limits: JSONLimits = .default) throws(JSONPatchError) -> JSON {
        var result = document
        var copiedBytes = 0
        for (index, operation) in operations.enumerated() {
            do {
                try operation.apply(to: &result, limits: limits, copiedBytes: &copiedBytes)
            } catch {
                throw JSONPatchError(index: index, pointer: error.pointer.text, reason: error.reason)
            }
        }
        return result
    }
}

/// A failure before it knows the index of its operation.
private struct OperationFailure: Error {
    let pointer: JSONPointer
    let reason: JSONPatchError.Reason
}

extension JSONPatch.Operation {
    fileprivate func apply(
        to document: inout JSON,
        limits: JSONLimits,
        copiedBytes: inout Int
    ) throws(OperationFailure) {
        switch self {
        case .add(let path, let value):
            try document.perform(.insert(value), at: path, maxDepth: limits.maxDepth)
        case .replace(let path, let value):
            try document.perform(.replace(value), at: path, maxDepth: limits.maxDepth)
        case .remove(let path):
            try document.perform(.remove, at: path, maxDepth: limits.maxDepth)
        case .test(let path, let expected):
            guard let found = document[pointer: path] else { throw OperationFailure(pointer: path, reason: .notFound) }
            guard found == expected else { throw OperationFailure(pointer: path, reason: .testFailed) }
        case .copy(let from, let path):
            guard let value = document[pointer: from] else { throw OperationFailure(pointer: from, reason: .notFound) }
            copiedBytes += value.serializedSize(upTo: limits.maxBytes - copiedBytes)
            guard copiedBytes <= limits.maxBytes else {
                throw OperationFailure(pointer: path, reason: .tooLarge(limit: limits.maxBytes))
            }
            try document.perform(.insert(value), at: path, maxDepth: limits.maxDepth)
        case .move(let from, let path):
            try document.move(from: from, to: path, maxDepth: limits.maxDepth)
        }
    }
}

extension JSON {
    /// Adds the value at the place, with the meaning of the patch operation `add`: it inserts into arrays, replaces
    /// members that exist, and needs the parent to exist. On failure the value is unchanged.
    ///
    /// - Throws: ``JSONPatchError`` without an operation index.
    public mutating func set(_ value: JSON, at pointer: JSONPointer) throws(JSONPatchError) {
        do {
            try perform(.insert(value), at: pointer, maxDepth: JSONLimits.hardMaxDepth)
        } catch {
            throw JSONPatchError(index: nil, pointer: error.pointer.text, reason: error.reason)
        }
    }

    @discardableResult
    fileprivate mutating func perform(
        _ edit: Edit,
        at pointer: JSONPointer,
        maxDepth: Int
    ) throws(OperationFailure) -> JSON? {
        do throws(JSONPatchError.Reason) {
            if let value = edit.value, value.isDeeper(than: maxDepth - pointer.tokens.count) {
                throw .tooDeep(limit: maxDepth)
            }
            return try self.edit(edit, along: pointer.tokens[...])
        } catch {
            throw OperationFailure(pointer: pointer, reason: error)
        }
    }

    fileprivate mutating func move(
        from: JSONPointer,
        to path: JSONPointer,
        maxDepth: Int
    ) throws(OperationFailure) {
        guard let value = self[pointer: from] else { throw OperationFailure(pointer: from, reason: .notFound) }
        if from == path { return }
        guard !from.isPrefix(of: path) else { throw OperationFailure(pointer: path, reason: .movedIntoItself) }
        try perform(.remove, at: from, maxDepth: maxDepth)
        // Upwards or sideways nothing gets deeper, which spares the walk through a large value.
        let isDescent = path.tokens.count > from.tokens.count
        try perform(.insert(value), at: path, maxDepth: isDescent ? maxDepth : .max)
    }
}
