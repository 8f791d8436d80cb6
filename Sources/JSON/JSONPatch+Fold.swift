extension JSONPatch {
    /// One patch for several that follow each other: on every document that takes them all in order, it gives the same
    /// result.
    ///
    /// What a later patch overwrites or removes is left out, and what it changes within a value that an earlier one brought
    /// is changed there. A document is not needed, so whatever depends on one stays as it is and in its order: elements that
    /// enter or leave an array (and members whose names look like indices), `move` and `copy`. `test` is left out, since the
    /// patches are known to have passed.
    /// - Throws: ``JSONPatchError`` of the first operation that cannot follow those before it, with its index in its own
    ///   patch.
    /// - Complexity: O(operations · depth) look-ups, and the values that are changed inside.
    public static func folding(_ patches: some Sequence<JSONPatch>) throws(JSONPatchError) -> JSONPatch {
        let root = FoldNode()
        for patch in patches {
            for (index, operation) in patch.operations.enumerated() {
                do {
                    try root.absorb(operation)
                } catch {
                    throw JSONPatchError(index: index, pointer: operation.path.text, reason: error)
                }
            }
        }
        var operations: [Operation] = []
        root.emit(at: [], into: &operations)
        return JSONPatch(operations: operations)
    }

    /// This patch and the one that follows it as one; see ``folding(_:)``.
    ///
    /// - Throws: ``JSONPatchError`` of the first operation of `next` that cannot follow this patch.
    public func folded(with next: JSONPatch) throws(JSONPatchError) -> JSONPatch {
        try Self.folding([self, next])
    }
}
