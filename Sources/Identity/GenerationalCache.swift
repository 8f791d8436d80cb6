/// A dictionary of bounded size that forgets what was not touched for longest, roughly, in constant time.
///
/// Two halves: new and touched entries are in the young one. When it is full it becomes the old one, and what was in the
/// old one is forgotten. So an entry survives at least `capacity / 2` insertions after it was last touched.
struct GenerationalCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let half: Int

    /// Holds at most `capacity` entries (at least 2).
    init(capacity: Int) { half = max(1, capacity / 2) }

    var count: Int { young.count + old.count }

    /// Reading touches the entry.
    mutating func value(for key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old[key] else { return nil }
        set(value, for: key)
        return value
    }

    mutating func set(_ value: Value, for key: Key) {
        old.removeValue(forKey: key)
        if young[key] == nil, young.count >= half {
            old = young
            young = [:]
        }
        young[key] = value
    }

    mutating func remove(_ key: Key) {
        young.removeValue(forKey: key)
        old.removeValue(forKey: key)
    }

    /// Keeps only the entries that satisfy `isKept`. O(n).
    mutating func filter(_ isKept: (Value) -> Bool) {
        young = young.filter { isKept($0.value) }
        old = old.filter { isKept($0.value) }
    }
}
