/// The elements of a JSON array.
///
/// It behaves like an array of values. Versions share what they have in common: a long array is kept in chunks, so that
/// changing one of 10,000 elements copies some hundred references and not the elements.
/// - Complexity: reading an element is O(log count); changing, inserting or removing one is O(count / 32).
public struct JSONArray: Sendable {
    var elements: ChunkedArray<JSON>

    /// An array without elements.
    public init() {
        elements = ChunkedArray()
    }

    init(_ elements: ChunkedArray<JSON>) {
        self.elements = elements
    }

    /// The elements as an array of the standard library.
    ///
    /// - Complexity: O(1) for up to 64 elements, which share their storage, else O(count).
    public var flattened: [JSON] { elements.flattened }
}

extension JSONArray: ExpressibleByArrayLiteral {
    /// An array of these elements.
    public init(arrayLiteral elements: JSON...) {
        self.init(ChunkedArray(elements))
    }
}

extension JSONArray: RandomAccessCollection, MutableCollection, RangeReplaceableCollection {
    /// Walks the elements.
    public struct Iterator: IteratorProtocol {
        var base: ChunkedArray<JSON>.Iterator

        /// The next element.
        public mutating func next() -> JSON? { base.next() }
    }

    /// The position of the first element: 0.
    public var startIndex: Int { 0 }

    /// The number of elements.
    public var endIndex: Int { elements.count }

    /// An iterator over the elements.
    public func makeIterator() -> Iterator { Iterator(base: elements.makeIterator()) }

    /// The element at the position, which must be one of the array.
    public subscript(position: Int) -> JSON {
        get { elements[position] }
        _modify { yield &elements[position] }
    }

    /// An array of these elements.
    public init(_ elements: some Sequence<JSON>) {
        self.init(ChunkedArray(Array(elements)))
    }

    /// Adds an element at the end.
    public mutating func append(_ element: JSON) { elements.append(element) }

    /// Adds an element before the one at the position, or at the end.
    public mutating func insert(_ element: JSON, at position: Int) { elements.insert(element, at: position) }

    /// Takes the element at the position away and returns it.
    @discardableResult
    public mutating func remove(at position: Int) -> JSON { elements.remove(at: position) }

    /// Puts other elements in the place of those in the range.
    ///
    /// - Complexity: O(count).
    public mutating func replaceSubrange(_ range: Range<Int>, with replacement: some Collection<JSON>) {
        var flat = elements.flattened
        flat.replaceSubrange(range, with: replacement)
        elements = ChunkedArray(flat)
    }
}

extension JSONArray: Hashable {
    /// Compares element by element; what both share is equal without looking.
    public static func == (lhs: JSONArray, rhs: JSONArray) -> Bool {
        lhs.elements.isEqual(to: rhs.elements) { areEqual($0, $1) }
    }

    /// Hashes the elements in order.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for element in elements { hasher.combine(element) }
    }
}

extension JSON {
    /// An array of these elements.
    public static func array(_ elements: [JSON]) -> JSON { .array(JSONArray(ChunkedArray(elements))) }
}
