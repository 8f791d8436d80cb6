extension [UInt8] {
    /// A copy of lent bytes, to be kept.
    package init(copying bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { Array($0) }
    }
}
