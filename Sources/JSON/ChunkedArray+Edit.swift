extension ChunkedArray {
    /// Changes the element in its place. Unlike access through the subscript it needs no frame of its own on the heap.
    @inline(__always)
    mutating func update<Result, Failure: Error>(
        at position: Int,
        _ change: (inout Element) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Moved out while it is changed, so that storage nobody else holds is changed in place.
        switch storage {
        case .flat(var elements):
            storage = .flat([])
            defer { storage = .flat(elements) }
            return try change(&elements[position])
        case .chunks(var chunks):
            storage = .flat([])
            defer { storage = .chunks(chunks) }
            let index = chunks.index(of: position)
            return try change(&chunks[index].elements[position - chunks.start(of: index)])
        }
    }

    mutating func append(_ element: Element) { insert(element, at: count) }

    mutating func insert(_ element: Element, at position: Int) {
        precondition(position >= 0 && position <= count, "the position is in the array or at its end")
        switch storage {
        case .flat(var elements):
            storage = .flat([])
            elements.insert(element, at: position)
            self = ChunkedArray(elements)
        case .chunks(var chunks):
            storage = .flat([])
            defer { storage = .chunks(chunks) }
            let index = chunks.firstIndex { position <= $0.end } ?? chunks.count - 1
            let start = index == 0 ? 0 : chunks[index - 1].end
            chunks[index].elements.insert(element, at: position - start)
            for later in index..<chunks.count { chunks[later].end += 1 }
            if chunks[index].elements.count > Self.maximumFlat { chunks.split(index) }
        }
    }

    @discardableResult
    mutating func remove(at position: Int) -> Element {
        precondition(position >= 0 && position < count, "the position is in the array")
        switch storage {
        case .flat(var elements):
            storage = .flat([])
            defer { storage = .flat(elements) }
            return elements.remove(at: position)
        case .chunks(var chunks):
            storage = .flat([])
            let index = chunks.firstIndex { position < $0.end } ?? chunks.count - 1
            let start = index == 0 ? 0 : chunks[index - 1].end
            let element = chunks[index].elements.remove(at: position - start)
            for later in index..<chunks.count { chunks[later].end -= 1 }
            chunks.mergeIfSmall(index)
            storage = chunks.count == 1 ? .flat(chunks[0].elements) : .chunks(chunks)
            return element
        }
    }
}

extension Array {
    /// Cuts a chunk that has grown into halves.
    fileprivate mutating func split<Base>(_ index: Int) where Element == ChunkedArray<Base>.Chunk {
        let (elements, end) = (self[index].elements, self[index].end)
        let half = elements.count / 2
        self[index] = Element(elements: Swift.Array(elements[..<half]), end: end - (elements.count - half))
        insert(Element(elements: Swift.Array(elements[half...]), end: end), at: index + 1)
    }

    /// Puts a chunk that has shrunk together with the one before it, or behind it, where both are as long as one.
    fileprivate mutating func mergeIfSmall<Base>(_ index: Int) where Element == ChunkedArray<Base>.Chunk {
        let first = index > 0 ? index - 1 : index
        let size = self[first].elements.count + self[first + 1].elements.count
        guard self[index].elements.isEmpty || size <= ChunkedArray<Base>.chunkSize else { return }
        let second = remove(at: first + 1)
        self[first].elements += second.elements
        self[first].end = second.end
    }
}

/// Makes an array of a known count, above ``ChunkedArray/maximumFlat``, one element after the other.
struct ChunkBuilder<Element> {
    private var chunks: [ChunkedArray<Element>.Chunk] = []
    private var elements: [Element] = []
    private var left: Int

    init(count: Int) {
        left = count
        elements.reserveCapacity(ChunkedArray<Element>.chunkSize)
        chunks.reserveCapacity(count / ChunkedArray<Element>.chunkSize + 1)
    }

    @inline(__always)
    mutating func append(_ element: consuming Element) {
        elements.append(element)
        left -= 1
        if elements.count == ChunkedArray<Element>.chunkSize, left > 0 { endChunk() }
    }

    private mutating func endChunk() {
        let start = chunks.last?.end ?? 0
        chunks.append(ChunkedArray<Element>.Chunk(elements: elements, end: start + elements.count))
        elements = []
        elements.reserveCapacity(min(left, ChunkedArray<Element>.chunkSize))
    }

    consuming func build() -> ChunkedArray<Element> {
        endChunk()
        var array = ChunkedArray<Element>()
        array.storage = .chunks(chunks)
        return array
    }
}
