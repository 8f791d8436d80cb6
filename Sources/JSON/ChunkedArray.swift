/// An array whose versions share what they have in common: above ``maximumFlat`` elements it is kept in chunks, so that
/// changing an element copies the list of chunks and one of them.
///
/// - Complexity: reading an element is O(log count), and O(1) in a flat one; changing, inserting or removing one is
///   O(count / 32 + 64) when the storage is shared.
struct ChunkedArray<Element> {
    /// Some elements, and where the next chunk begins.
    struct Chunk {
        var elements: [Element]
        var end: Int
    }

    enum Storage {
        case flat([Element])
        /// Two chunks or more, none empty and none above ``maximumFlat``.
        case chunks([Chunk])
    }

    /// Arrays up to this many elements are flat, and so are chunks.
    static var maximumFlat: Int { 64 }
    /// The elements of a chunk at the beginning; it has room for as many more.
    static var chunkSize: Int { 32 }

    var storage: Storage

    init() {
        storage = .flat([])
    }

    init(_ elements: [Element]) {
        self =
            elements.withUnsafeBufferPointer { elements.count <= Self.maximumFlat ? nil : ChunkedArray(copying: $0) }
            ?? ChunkedArray(flat: elements)
    }

    init(flat elements: [Element]) {
        storage = .flat(elements)
    }

    private init(copying elements: UnsafeBufferPointer<Element>) {
        var builder = ChunkBuilder<Element>(count: elements.count)
        for element in elements { builder.append(element) }
        self = builder.build()
    }

    var count: Int {
        switch storage {
        case .flat(let elements): elements.count
        case .chunks(let chunks): chunks.last?.end ?? 0
        }
    }

    var isEmpty: Bool { count == 0 }

    /// All elements in one array: the storage itself when it is flat.
    var flattened: [Element] {
        switch storage {
        case .flat(let elements): elements
        case .chunks(let chunks): chunks.flatMap(\.elements)
        }
    }

    subscript(position: Int) -> Element {
        @inline(__always)
        get {
            switch storage {
            case .flat(let elements): return elements[position]
            case .chunks(let chunks):
                let index = chunks.index(of: position)
                return chunks[index].elements[position - chunks.start(of: index)]
            }
        }
        _modify {
            // Moved out while it is changed, so that storage nobody else holds is changed in place.
            switch storage {
            case .flat(var elements):
                storage = .flat([])
                defer { storage = .flat(elements) }
                yield &elements[position]
            case .chunks(var chunks):
                storage = .flat([])
                defer { storage = .chunks(chunks) }
                let index = chunks.index(of: position)
                yield &chunks[index].elements[position - chunks.start(of: index)]
            }
        }
    }

    /// Gives the elements from the first to the last in buffers, until `body` returns false.
    @inline(__always)
    func forEachBuffer<Failure: Error>(
        _ body: (UnsafeBufferPointer<Element>) throws(Failure) -> Bool
    ) throws(Failure) {
        switch storage {
        case .flat(let elements):
            _ = try elements.withUnsafeBufferPointer { buffer throws(Failure) in try body(buffer) }
        case .chunks(let chunks):
            for chunk in chunks {
                guard try chunk.elements.withUnsafeBufferPointer({ buffer throws(Failure) in try body(buffer) }) else {
                    return
                }
            }
        }
    }
}

extension ChunkedArray {
    /// Whether some element fulfils the condition; none is retained.
    func containsInPlace(where condition: (borrowing InPlace<Element>) -> Bool) -> Bool {
        var isFound = false
        forEachBuffer { buffer in
            let elements = buffer.inPlace
            for position in elements.indices where condition(elements[position]) {
                isFound = true
                break
            }
            return !isFound
        }
        return isFound
    }
}

extension ChunkedArray: Sendable where Element: Sendable {}
extension ChunkedArray.Chunk: Sendable where Element: Sendable {}
extension ChunkedArray.Storage: Sendable where Element: Sendable {}

extension ChunkedArray: RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { count }

    /// Walks the elements chunk by chunk.
    struct Iterator: IteratorProtocol {
        private let chunks: [Chunk]
        private var nextChunk = 0
        private var elements: IndexingIterator<[Element]>

        init(_ array: ChunkedArray) {
            switch array.storage {
            case .flat(let elements):
                chunks = []
                self.elements = elements.makeIterator()
            case .chunks(let chunks):
                self.chunks = chunks
                elements = [].makeIterator()
            }
        }

        mutating func next() -> Element? {
            if let element = elements.next() { return element }
            guard nextChunk < chunks.count else { return nil }
            elements = chunks[nextChunk].elements.makeIterator()
            nextChunk += 1
            return elements.next()
        }
    }

    func makeIterator() -> Iterator { Iterator(self) }
}

extension Array {
    /// The chunk with the element at the position.
    func index<Base>(of position: Int) -> Int where Element == ChunkedArray<Base>.Chunk {
        var (low, high) = (0, count - 1)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].end <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The position of a chunk's first element.
    func start<Base>(of index: Int) -> Int where Element == ChunkedArray<Base>.Chunk {
        index == 0 ? 0 : self[index - 1].end
    }
}
