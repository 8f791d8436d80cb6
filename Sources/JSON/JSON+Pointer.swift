extension JSON {
    /// The value the pointer leads to, `nil` when there is none. `-`, the place after the last element, never has one.
    ///
    /// - Complexity: O(tokens) look-ups.
    public subscript(pointer pointer: JSONPointer) -> JSON? {
        var value = self
        for token in pointer.tokens {
            switch value {
            case .object(let object):
                guard let next = object[token] else { return nil }
                value = next
            case .array(let elements):
                guard let index = arrayIndex(token), index < elements.count else { return nil }
                value = elements[index]
            case .null, .bool, .number, .string:
                return nil
            }
        }
        return value
    }
}

/// The index a reference token stands for: decimal digits without leading zeros (RFC 6901 §4), in the range of `Int`.
func arrayIndex(_ token: String) -> Int? {
    let digits = token.utf8
    guard let first = digits.first, first != 0x30 || digits.count == 1, digits.count <= 19 else { return nil }
    var index = 0
    for digit in digits {
        guard (0x30...0x39).contains(digit) else { return nil }
        let (scaled, overflow) = index.multipliedReportingOverflow(by: 10)
        let (sum, overflowToo) = scaled.addingReportingOverflow(Int(digit - 0x30))
        if overflow || overflowToo { return nil }
        index = sum
    }
    return index
}
