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
        let names = members.inPlace
        for position in names.indices {
            places.initializeElement(at: position, to: Place(prefix: prefix(names[position]), position: position))
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
    private static func prefix(_ member: borrowing InPlace<JSONObject.Member>) -> UInt64 {
        member.value.key.withBytes(utf16Prefix)
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
    let count = bytes.count
    let word: UInt64
    if count >= 8 {
        word = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
    } else if count >= 4 {
        let first = UInt64(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
        let last = UInt64(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)))
        // What both hold is the same bits at the same place.
        word = first << 32 | last << UInt64(8 * (8 - count))
    } else {
        word = (0..<count).reduce(0) { $0 | UInt64(bytes[$1]) << UInt64(56 - 8 * $1) }
    }
    guard word & 0x8080_8080_8080_8080 != 0 else { return word }
    return (0..<8).reduce(0) { $0 << 8 | UInt64(utf16Rank(UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $1)))) }
}
