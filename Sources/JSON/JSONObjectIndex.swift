/// The members of an object, wherever they are.
protocol JSONObjectMembers: RandomAccessCollection where Element == JSONObject.Member, Index == Int {}

extension ChunkedArray: JSONObjectMembers where Element == JSONObject.Member {}
extension UnsafeBufferPointer: JSONObjectMembers where Element == JSONObject.Member {}

/// The hash table of a large object: open addressing, linear probing, slots that hold positions in the member list.
///
/// Slots hold 32 bits each, so that the table of a large object stays small beside its members. The hash is Swift's
/// seeded one: names come from outside, and must not be able to force collisions.
struct JSONObjectIndex: Sendable {
    /// Objects up to this many members have no table; a scan is as fast.
    static let threshold = 16

    /// Position + 1 of a member, or 0 for a free slot. The count is 0 or a power of two at least twice that of members.
    private var slots: [UInt32] = []

    /// The position of the member with this name: by a scan while there is no table.
    @inline(__always)
    func position(of key: String, tag: UInt32, members: some JSONObjectMembers) -> Int? {
        guard slots.isEmpty else { return find(key, members: members) }
        for position in 0..<members.count
        where members[position].tag == tag && members[position].key.hasSameBytes(as: key) {
            return position
        }
        return nil
    }

    private func find(_ key: String, members: some JSONObjectMembers) -> Int? {
        let mask = slots.count - 1
        var slot = Self.hash(key) & mask
        while slots[slot] != 0 {
            let position = Int(slots[slot]) - 1
            if members[position].key.hasSameBytes(as: key) { return position }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Takes note of the last member: enters it, or all of them when the table has to grow or to begin.
    @inline(__always)
    mutating func insertLast(of members: some JSONObjectMembers) {
        if members.count > Self.threshold { enterLast(of: members) }
    }

    private mutating func enterLast(of members: some JSONObjectMembers) {
        if slots.count >= members.count * 2 {
            insert(position: members.count - 1, members: members)
            return
        }
        var capacity = 64
        while capacity < members.count * 4 { capacity *= 2 }
        slots = Array(repeating: 0, count: capacity)
        for position in 0..<members.count { insert(position: position, members: members) }
    }

    private mutating func insert(position: Int, members: some JSONObjectMembers) {
        let mask = slots.count - 1
        var slot = Self.hash(members[position].key) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = UInt32(position + 1)
    }

    /// Takes the member out and moves those behind it one position down. `members` still holds it.
    mutating func remove(position: Int, members: some JSONObjectMembers) {
        let mask = slots.count - 1
        var hole = Self.hash(members[position].key) & mask
        while slots[hole] != UInt32(position + 1) { hole = (hole + 1) & mask }
        // Entries that probed past the hole are pulled back into it, so that no tombstones gather.
        var next = (hole + 1) & mask
        while slots[next] != 0 {
            let home = Self.hash(members[Int(slots[next]) - 1].key) & mask
            if (next &- home) & mask >= (next &- hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = 0
        let removed = UInt32(position + 1)
        for slot in slots.indices where slots[slot] > removed { slots[slot] -= 1 }
    }

    private static func hash(_ key: String) -> Int {
        var hasher = Hasher()
        key.withBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
