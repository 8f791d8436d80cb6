/// Whether two values are the same bits, and therefore equal without looking further: the same scalar, or the same storage.
///
/// It neither retains nor follows anything, which is what makes it worth asking before any comparison of documents that
/// share most of their parts. Padding may differ, so `false` says nothing.
@inline(__always)
func areSameBits<Value>(_ left: UnsafePointer<Value>, _ right: UnsafePointer<Value>) -> Bool {
    let (left, right) = (UnsafeRawPointer(left), UnsafeRawPointer(right))
    func difference(at offset: Int) -> UInt64 {
        left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            ^ right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
    // Nothing that is compared is smaller than a word; the last one overlaps the one before.
    let last = MemoryLayout<Value>.size - 8
    var differences = difference(at: last)
    var offset = 0
    while offset < last {
        differences |= difference(at: offset)
        offset += 8
    }
    return differences == 0
}

/// Whether two values are equal; neither is retained.
@inline(__always)
func areEqual(_ left: UnsafePointer<JSON>, _ right: UnsafePointer<JSON>) -> Bool {
    areSameBits(left, right) || areEqual(left.inPlace.pointee, right.inPlace.pointee)
}

private func areEqual(_ left: borrowing InPlace<JSON>, _ right: borrowing InPlace<JSON>) -> Bool {
    left.value == right.value
}

/// Whether two members have the same name; neither is retained.
@inline(__always)
func haveSameName(_ left: UnsafePointer<JSONObject.Member>, _ right: UnsafePointer<JSONObject.Member>) -> Bool {
    guard left.pointee.tag == right.pointee.tag else { return false }
    return areSameBits(left.key, right.key) || haveSameName(left.inPlace.pointee, right.inPlace.pointee)
}

private func haveSameName(
    _ left: borrowing InPlace<JSONObject.Member>,
    _ right: borrowing InPlace<JSONObject.Member>
) -> Bool {
    left.value.key.hasSameBytes(as: right.value.key)
}

// What lies behind a pointer stays there, so that the addresses of its parts hold outside of the closures.
extension UnsafePointer<JSONObject.Member> {
    /// Where the name of the member lies.
    @inline(__always)
    var key: UnsafePointer<String> { withUnsafePointer(to: &UnsafeMutablePointer(mutating: self).pointee.key) { $0 } }

    /// Where the value of the member lies.
    @inline(__always)
    var json: UnsafePointer<JSON> { withUnsafePointer(to: &UnsafeMutablePointer(mutating: self).pointee.value) { $0 } }
}
