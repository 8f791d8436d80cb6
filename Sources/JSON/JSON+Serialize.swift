extension JSON {
    /// The compact JSON text in UTF-8, members in stored order. Parsing it gives an equal value.
    public func serialized() -> [UInt8] {
        withText(isCanonical: false) { Array($0) }
    }

    /// Appends the compact JSON text to a buffer of the caller.
    public func serialize(into bytes: inout [UInt8]) {
        withText(isCanonical: false) { bytes.append(contentsOf: $0) }
    }

    /// The compact JSON text.
    public var text: String {
        withText(isCanonical: false) { String(decoding: $0, as: UTF8.self) }
    }

    /// The canonical form of RFC 8785: members sorted by UTF-16 code units, numbers as ECMAScript prints them.
    ///
    /// Data the RFC excludes (RFC 7493 §2.2) is kept apart rather than rounded: whole numbers that no double holds, and
    /// numbers beyond the range of doubles, keep all their digits.
    public func canonical() -> [UInt8] {
        withText(isCanonical: true) { Array($0) }
    }

    /// A 64-bit digest of the value: SipHash-2-4 with a zero key over ``canonical()``, as a number in 16 lower-case
    /// hexadecimal digits. It detects difference, not malice: the key is public.
    public var digest: String {
        let hash = withText(isCanonical: true) { SipHash.hash($0) }
        return String(unsafeUninitializedCapacity: 16) { buffer in
            for index in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: hash >> UInt64(60 - 4 * index)) & 0xF
                buffer[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
            }
            return 16
        }
    }

    private func withText<Result>(isCanonical: Bool, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var serializer = JSONSerializer(isCanonical: isCanonical)
        serializer.write(self)
        return body(serializer.bytes.written)
    }
}
