/// The members of a JSON object in insertion order, each name once.
///
/// Names compare byte by byte. Look-up is a scan while the object is small and a hash table above
/// ``JSONObjectIndex/threshold`` members. Equality ignores the order.
public struct JSONObject: Sendable {
    struct Member: Sendable {
        var key: String
        var value: JSON
        /// A cheap fingerprint of the key that lets a scan skip almost every member without touching its bytes.
        let tag: UInt32

        @inline(__always)
        init(key: String, value: JSON, tag: UInt32) {
            self.key = key
            self.value = value
            self.tag = tag
        }
    }

    var members: ChunkedArray<Member>
    var index: JSONObjectIndex

    /// An object without members.
    public init() {
        self.init(members: ChunkedArray(), index: JSONObjectIndex())
    }

    /// An object of members whose names differ, with the table they need.
    init(members: ChunkedArray<Member>, index: JSONObjectIndex) {
        self.members = members
        self.index = index
    }

    /// The number of members.
    public var count: Int { members.count }

    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }

    /// The member names in insertion order.
    public var keys: [String] { members.map(\.key) }

    /// The member values in insertion order.
    public var values: [JSON] { members.map(\.value) }

    /// The value of the member, `nil` when there is none. Assigning replaces the value in its place, adds the member at
    /// the end, or removes it when `nil` is assigned (JSON `null` is `.null`).
    ///
    /// - Complexity: O(1) for large objects, a short scan for small ones; removal is O(count).
    public subscript(key: String) -> JSON? {
        get {
            position(of: key).map { members[$0].value }
        }
        set {
            if let newValue {
                updateValue(newValue, forKey: key)
            } else {
                removeValue(forKey: key)
            }
        }
    }

    /// Sets the member and returns the value it had before.
    @discardableResult
    public mutating func updateValue(_ value: JSON, forKey key: String) -> JSON? {
        let tag = key.withBytes(keyTag)
        if let position = position(of: key, tag: tag) {
            let old = members[position].value
            members[position].value = value
            return old
        }
        append(key: key, value: value, tag: tag)
        return nil
    }

    /// Removes the member and returns its value, `nil` when there was none. The order of the others is kept.
    ///
    /// - Complexity: O(count).
    @discardableResult
    public mutating func removeValue(forKey key: String) -> JSON? {
        guard let position = position(of: key) else { return nil }
        if members.count - 1 <= JSONObjectIndex.threshold {
            index = JSONObjectIndex()
        } else {
            index.remove(position: position, members: members)
        }
        return members.remove(at: position).value
    }

    /// Whether there is a member of this name.
    public func contains(_ key: String) -> Bool {
        position(of: key) != nil
    }

    private mutating func append(key: String, value: JSON, tag: UInt32) {
        members.append(Member(key: key, value: value, tag: tag))
        index.insertLast(of: members)
    }

    func position(of key: String) -> Int? {
        position(of: key, tag: key.withBytes(keyTag))
    }

    @inline(__always)
    func position(of key: String, tag: UInt32) -> Int? {
        switch members.storage {
        case .flat(let elements):
            elements.withUnsafeBufferPointer { index.position(of: key, tag: tag, members: $0) }
        case .chunks:
            index.position(of: key, tag: tag, members: members)
        }
    }

    /// Whether both are the same storage, and therefore equal without looking.
    func isSameStorage(as other: JSONObject) -> Bool {
        members.isSameStorage(as: other.members)
    }
}

/// The fingerprint of a member name: its length and its first and last bytes, mixed.
@inline(__always)
func keyTag(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let count = bytes.count
    var word: UInt64
    if count >= 8 {
        word = bytes.loadUnaligned(as: UInt64.self)
        word ^= bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self).byteSwapped
    } else if count >= 4 {
        word = UInt64(bytes.loadUnaligned(as: UInt32.self))
        word |= UInt64(bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)) << 32
    } else if count > 0 {
        word = UInt64(bytes[0]) | UInt64(bytes[count / 2]) << 8 | UInt64(bytes[count - 1]) << 16
    } else {
        word = 0
    }
    word = (word ^ UInt64(truncatingIfNeeded: count)) &* 0x9E37_79B9_7F4A_7C15
    return UInt32(truncatingIfNeeded: word >> 32)
}

extension JSONObject: Sequence {
    /// Walks the members in insertion order.
    public struct Iterator: IteratorProtocol {
        var base: ChunkedArray<Member>.Iterator

        /// The next member.
        public mutating func next() -> (key: String, value: JSON)? {
            base.next().map { ($0.key, $0.value) }
        }
    }

    /// An iterator over the members in insertion order.
    public func makeIterator() -> Iterator {
        Iterator(base: members.makeIterator())
    }

    /// The number of members.
    public var underestimatedCount: Int { members.count }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object of these members; of a repeated name the last value wins.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self.init(elements)
    }

    /// An object of these members; of a repeated name the last value wins.
    public init(_ elements: some Sequence<(String, JSON)>) {
        self.init()
        for (key, value) in elements { updateValue(value, forKey: key) }
    }
}

extension JSONObject: Hashable {
    /// Compares members regardless of order.
    public static func == (lhs: JSONObject, rhs: JSONObject) -> Bool {
        guard lhs.members.count == rhs.members.count else { return false }
        return lhs.members.isEqual(to: rhs.members) { member, twin in
            // Versions of a document mostly keep their order, so the same place is tried first.
            if haveSameName(member, twin) { return areEqual(member.json, twin.json) }
            guard let other = rhs.position(of: member.pointee.key, tag: member.pointee.tag) else { return false }
            return rhs.members[other].value == member.pointee.value
        }
    }

    /// Hashes the members regardless of order.
    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for member in members {
            var memberHasher = Hasher()
            member.key.hashBytes(into: &memberHasher)
            memberHasher.combine(member.value)
            sum ^= memberHasher.finalize()
        }
        hasher.combine(members.count)
        hasher.combine(sum)
    }
}

extension JSONObject: CustomStringConvertible {
    /// The compact JSON text.
    public var description: String { JSON.object(self).text }
}
