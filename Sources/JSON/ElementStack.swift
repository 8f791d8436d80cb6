/// A stack on which the elements of open containers wait until the container ends and its size is known.
///
/// Elements are moved in and out, so that an element costs no reference counting, and a container one allocation of
/// exactly its size.
struct ElementStack<Element>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit {
        base.deinitialize(count: count)
        base.deallocate()
    }

    @inline(__always)
    mutating func push(_ element: consuming Element) {
        if count == capacity { grow() }
        (base + count).initialize(to: element)
        count += 1
    }

    /// Moves everything above `mark` into an array.
    @inline(__always)
    mutating func take(above mark: Int) -> ChunkedArray<Element> {
        defer { count = mark }
        guard count - mark <= ChunkedArray<Element>.maximumFlat else { return takeChunks(above: mark) }
        var elements: [Element] = []
        // `Array(unsafeUninitializedCapacity:)` looks its metadata up at each call, which costs more than these appends.
        elements.reserveCapacity(count - mark)
        for position in mark..<count { elements.append((base + position).move()) }
        return ChunkedArray(flat: elements)
    }

    private func takeChunks(above mark: Int) -> ChunkedArray<Element> {
        var builder = ChunkBuilder<Element>(count: count - mark)
        for position in mark..<count { builder.append((base + position).move()) }
        return builder.build()
    }

    /// The elements above `mark`, while the closure runs.
    @inline(__always)
    func withElements<Result>(above mark: Int, _ body: (UnsafeBufferPointer<Element>) -> Result) -> Result {
        body(UnsafeBufferPointer(start: base + mark, count: count - mark))
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: base, count: count)
        base.deallocate()
        base = larger
        capacity *= 2
    }
}
