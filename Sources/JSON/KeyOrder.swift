/// The members of an object in the order of RFC 8785 §3.2.3: by the UTF-16 code units of their names.
enum KeyOrder {
    /// A member and the beginning of its name as a number, which decides almost every comparison.
    struct Place {
        let prefix: UInt64
        let position: Int
    }

    /// Above this many members insertion is slower than a merge.
    private static let insertionLimit = 24

    /// Fills `places`, which has room for all members.
    ///
    /// - Complexity: O(n log n) comparisons.
    static func sort(
        _ members: UnsafeBufferPointer<JSONObject.Member>,
        into places: UnsafeMutableBufferPointer<Place>
    ) {
        for position in members.indices {
            let prefix = members[position].key.withBytes(utf16Prefix)
            places.initializeElement(at: position, to: Place(prefix: prefix, position: position))
        }
        guard members.count <= insertionLimit else {
            var places = places
            return places.sort { precedes($0, $1, members) }
        }
        for position in places.indices.dropFirst() {
            let place = places[position]
            var hole = position
            while hole > 0, precedes(place, places[hole - 1], members) {
                places[hole] = places[hole - 1]
                hole -= 1
            }
            places[hole] = place
        }
    }

    @inline(__always)
    private static func precedes(
        _ left: Place,
        _ right: Place,
        _ members: UnsafeBufferPointer<JSONObject.Member>
    ) -> Bool {
        if left.prefix != right.prefix { return left.prefix < right.prefix }
        return members[left.position].key.precedesInUTF16(members[right.position].key)
    }
}

/// The first eight bytes, each lifted to its rank in UTF-16 order, most significant first; zeros where there are fewer.
@inline(__always)
private func utf16Prefix(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    guard bytes.count < 8 || !isASCII(UnsafeRawBufferPointer(rebasing: bytes.prefix(8))) else {
        return UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
    }
    var prefix: UInt64 = 0
    for byte in bytes.prefix(8) { prefix = prefix << 8 | UInt64(utf16Rank(byte)) }
    return prefix << UInt64(8 * max(0, 8 - bytes.count))
}
