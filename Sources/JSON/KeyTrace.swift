/// The names of the last object at each place of a document, in their order.
///
/// The records of a list have the same names in the same order. Where the text goes on with the name that stood here last
/// time, it needs neither be searched for its end, nor made a string, nor compared with the other names of its object,
/// which differ from it. An object's place is the chain of names that leads to it: elements of an array share one.
struct KeyTrace: ~Copyable {
    /// A name that was read before.
    struct Entry {
        /// Its opening quote in the text; the closing one follows its bytes.
        let quote: UnsafeRawPointer
        /// Its bytes between the quotes.
        let count: Int
        let key: String
        let tag: UInt32
    }

    /// A position in the names of a place, or the one where the document stands; `nil` where nothing is noted.
    typealias Slot = Int?
    static let document: Slot = 0

    private static let maxPlaces = 32
    private static let maxNames = 16

    private let entries: UnsafeMutablePointer<Entry>
    /// How many entries of each place are filled.
    private let counts: UnsafeMutablePointer<Int>
    /// The place of what stands at each slot; 0 while there is none.
    private let places: UnsafeMutablePointer<UInt8>
    /// Place 0 has no names but only the document.
    private var placeCount = 1

    init() {
        entries = .allocate(capacity: Self.maxPlaces * Self.maxNames)
        places = .allocate(capacity: Self.maxPlaces * Self.maxNames)
        places.initialize(repeating: 0, count: Self.maxPlaces * Self.maxNames)
        counts = .allocate(capacity: Self.maxPlaces)
        counts.initialize(repeating: 0, count: Self.maxPlaces)
    }

    deinit {
        for place in 0..<placeCount { (entries + place * Self.maxNames).deinitialize(count: counts[place]) }
        entries.deallocate()
        places.deallocate()
        counts.deallocate()
    }

    /// The place of the object that stands at the slot; 0 when there are too many to note another one.
    @inline(__always)
    mutating func place(at slot: Slot) -> Int {
        guard let slot else { return 0 }
        return places[slot] == 0 ? makePlace(at: slot) : Int(places[slot])
    }

    private mutating func makePlace(at slot: Int) -> Int {
        guard placeCount < Self.maxPlaces else { return 0 }
        places[slot] = UInt8(placeCount)
        placeCount += 1
        return placeCount - 1
    }

    /// The slot of the name that stood at this position last time, when the text goes on with it.
    @inline(__always)
    func match(place: Int, position: Int, _ cursor: UnsafeRawPointer, to end: UnsafeRawPointer) -> Slot {
        guard position < counts[place] else { return nil }
        let slot = place * Self.maxNames + position
        // The entry lies before the cursor, so that what can be read here can be read there.
        let length = entries[slot].count + 2
        guard end - cursor >= max(length, 8), startTheSame(cursor, entries[slot].quote, count: length) else {
            return nil
        }
        return slot
    }

    /// The name noted at a slot.
    @inline(__always)
    func entry(at slot: Int) -> UnsafePointer<Entry> {
        UnsafePointer(entries + slot)
    }

    /// Notes the name at this position of an object whose names before it are those of the place; what stood behind is
    /// forgotten. `nil` when it has no room, or an escape, so that the object is noted no further.
    mutating func note(
        _ key: String,
        tag: UInt32,
        from quote: UnsafeRawPointer,
        to end: UnsafeRawPointer,
        place: Int,
        position: Int
    ) -> Slot {
        let count = end - quote - 2
        // With an escape the text would be longer than the name.
        guard place > 0, position < Self.maxNames, count == key.utf8.count else { return nil }
        let row = entries + place * Self.maxNames
        (row + position).deinitialize(count: counts[place] - position)
        (row + position).initialize(to: Entry(quote: quote, count: count, key: key, tag: tag))
        counts[place] = position + 1
        return place * Self.maxNames + position
    }
}

/// Whether so many bytes are the same; eight must be readable at both places.
@inline(__always)
private func startTheSame(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, count: Int) -> Bool {
    func difference(at offset: Int) -> UInt64 {
        left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            ^ right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
    // The first bytes of a word are its low ones only when it is little-endian.
    guard count > 8 else { return UInt64(littleEndian: difference(at: 0)) << UInt64(64 - 8 * count) == 0 }
    var offset = 0
    while offset < count - 8 {
        guard difference(at: offset) == 0 else { return false }
        offset += 8
    }
    return difference(at: count - 8) == 0
}
