import Glibc

/// Whether two values are the same bits, and therefore equal without looking further: the same scalar, or the same storage.
///
/// It neither retains nor follows anything, which is what makes it worth asking before any comparison of documents that
/// share most of their parts. Padding may differ, so `false` says nothing.
@inline(__always)
func areSameBits<Value>(_ left: UnsafePointer<Value>, _ right: UnsafePointer<Value>) -> Bool {
    memcmp(left, right, MemoryLayout<Value>.size) == 0
}

extension [JSON] {
    /// Whether both are the same storage, and therefore equal without looking.
    func isSameStorage(as other: [JSON]) -> Bool {
        guard count == other.count else { return false }
        return withUnsafeBufferPointer { left in
            other.withUnsafeBufferPointer { right in left.baseAddress == right.baseAddress }
        }
    }

    /// Equality that skips what both share.
    func isEqual(to other: [JSON]) -> Bool {
        guard count == other.count else { return false }
        return withUnsafeBufferPointer { left in
            other.withUnsafeBufferPointer { right in
                guard let left = left.baseAddress, let right = right.baseAddress, left != right else { return true }
                for index in 0..<count where !areSameBits(left + index, right + index) {
                    guard left[index] == right[index] else { return false }
                }
                return true
            }
        }
    }

    /// How many elements at the beginning, or at the end, are the same in both, at most `limit`.
    func countOfEqual(with other: [JSON], fromEnd: Bool, limit: Int) -> Int {
        withUnsafeBufferPointer { left in
            other.withUnsafeBufferPointer { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return 0 }
                for offset in 0..<limit {
                    let leftElement = left + (fromEnd ? count - 1 - offset : offset)
                    let rightElement = right + (fromEnd ? other.count - 1 - offset : offset)
                    guard areSameBits(leftElement, rightElement) || leftElement.pointee == rightElement.pointee else {
                        return offset
                    }
                }
                return limit
            }
        }
    }
}

extension JSONObject {
    /// The positions at which the values differ, when both objects have the same names in the same order.
    ///
    /// Versions of a document almost always have. `nil` when they have not.
    func changedPositions(from old: JSONObject) -> [Int]? {
        guard members.count == old.members.count else { return nil }
        return members.withUnsafeBufferPointer { new in
            old.members.withUnsafeBufferPointer { old -> [Int]? in
                guard let new = new.baseAddress, let old = old.baseAddress else { return [] }
                var changed: [Int] = []
                for position in 0..<members.count where !areSameBits(new + position, old + position) {
                    guard new[position].tag == old[position].tag, new[position].key.hasSameBytes(as: old[position].key)
                    else { return nil }
                    changed.append(position)
                }
                return changed
            }
        }
    }
}
