extension ChunkedArray {
    /// Whether both are the same storage, and therefore equal without looking.
    func isSameStorage(as other: ChunkedArray) -> Bool {
        // Either case is one reference, and nothing is retained when its bits are all that is looked at.
        unsafeBitCast(storage, to: UInt.self) == unsafeBitCast(other.storage, to: UInt.self)
    }

    /// Equality that skips what both share.
    @inline(__always)
    func isEqual(
        to other: ChunkedArray,
        by areEqual: (UnsafePointer<Element>, UnsafePointer<Element>) -> Bool
    ) -> Bool {
        guard case .flat(let left) = storage, case .flat(let right) = other.storage else {
            return count == other.count && haveEqualElements(other, by: areEqual)
        }
        guard left.count == right.count else { return false }
        return left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                guard let left = left.baseAddress, let right = right.baseAddress, left != right else { return true }
                for position in 0..<count {
                    guard areEqual(left + position, right + position) else { return false }
                }
                return true
            }
        }
    }

    private func haveEqualElements(
        _ other: ChunkedArray,
        by areEqual: (UnsafePointer<Element>, UnsafePointer<Element>) -> Bool
    ) -> Bool {
        var areSame = true
        forEachDifference(from: other) { _, left, right in
            areSame = areEqual(left, right)
            return areSame
        }
        return areSame
    }

    /// Gives each position at which the elements are not the same bits, and both elements, until `body` returns false; as
    /// far as both arrays go.
    ///
    /// - Complexity: O(count), but O(count / 32) where both share their chunks.
    func forEachDifference(
        from other: ChunkedArray,
        _ body: (Int, UnsafePointer<Element>, UnsafePointer<Element>) -> Bool
    ) {
        guard !isSameStorage(as: other) else { return }
        if case .flat(let left) = storage, case .flat(let right) = other.storage {
            return left.withUnsafeBufferPointer { left in
                right.withUnsafeBufferPointer { right in _ = Self.forEachDifference(left, right, from: 0, body) }
            }
        }
        let count = Swift.min(count, other.count)
        var (left, right) = (BufferCursor(self), BufferCursor(other))
        var position = 0
        while position < count {
            let length = left.withRest { left in
                right.withRest { right in Self.forEachDifference(left, right, from: position, body) }
            }
            guard let length else { return }
            left.advance(by: length)
            right.advance(by: length)
            position += length
        }
    }

    /// Compares as far as both buffers go.
    /// - Returns: how far that was; nil when `body` wanted no more.
    @inline(__always)
    private static func forEachDifference(
        _ left: UnsafeBufferPointer<Element>,
        _ right: UnsafeBufferPointer<Element>,
        from position: Int,
        _ body: (Int, UnsafePointer<Element>, UnsafePointer<Element>) -> Bool
    ) -> Int? {
        let length = Swift.min(left.count, right.count)
        guard let left = left.baseAddress, let right = right.baseAddress, left != right else { return length }
        for offset in 0..<length where !areSameBits(left + offset, right + offset) {
            guard body(position + offset, left + offset, right + offset) else { return nil }
        }
        return length
    }
}

extension ChunkedArray<JSON> {
    /// How many elements at the beginning are equal in both.
    func countOfEqualFirst(with other: ChunkedArray) -> Int {
        var first = Swift.min(count, other.count)
        forEachDifference(from: other) { position, left, right in
            if areEqual(left, right) { return true }
            first = position
            return false
        }
        return first
    }

    /// How many elements at the end are equal in both, at most `limit`.
    func countOfEqualLast(with other: ChunkedArray, limit: Int) -> Int {
        var shared = 0
        if case .chunks(let left) = storage, case .chunks(let right) = other.storage {
            for (left, right) in zip(left.reversed(), right.reversed()) {
                guard left.elements.isSameStorage(as: right.elements), shared + left.elements.count <= limit else {
                    break
                }
                shared += left.elements.count
            }
        }
        while shared < limit, self[count - 1 - shared] == other[other.count - 1 - shared] { shared += 1 }
        return shared
    }
}

/// A place in an array, with the elements behind it that lie together.
private struct BufferCursor<Element> {
    private let array: ChunkedArray<Element>
    private var chunk = 0
    private var offset = 0

    init(_ array: ChunkedArray<Element>) {
        self.array = array
    }

    func withRest<Result>(_ body: (UnsafeBufferPointer<Element>) -> Result) -> Result {
        elements.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[offset...])) }
    }

    /// Moves on by no more than the rest.
    mutating func advance(by length: Int) {
        offset += length
        guard offset == elements.count, case .chunks(let chunks) = array.storage, chunk + 1 < chunks.count else {
            return
        }
        (chunk, offset) = (chunk + 1, 0)
    }

    private var elements: [Element] {
        switch array.storage {
        case .flat(let elements): elements
        case .chunks(let chunks): chunks[chunk].elements
        }
    }
}

extension Array {
    /// Whether both are the same storage.
    fileprivate func isSameStorage(as other: [Element]) -> Bool {
        guard count == other.count else { return false }
        return withUnsafeBufferPointer { left in
            other.withUnsafeBufferPointer { right in left.baseAddress == right.baseAddress }
        }
    }
}
