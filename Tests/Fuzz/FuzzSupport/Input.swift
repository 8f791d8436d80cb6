/// What the fuzzer hands to a target: bytes, and how to cut them.
public struct Input {
    /// The bytes under test.
    public let bytes: [UInt8]
    /// The same bytes in pieces. How they are cut comes from the first byte of the input, so the fuzzer chooses it.
    public let pieces: [[UInt8]]

    /// Reads the fuzzer's buffer; nil when it is empty.
    public init?(_ start: UnsafePointer<UInt8>?, _ count: Int) {
        guard let start, count > 0 else { return nil }
        let all = UnsafeBufferPointer(start: start, count: count)
        bytes = Array(all.dropFirst())
        // From one byte at a time to pieces of 64, not all of the same size.
        let stride = Int(all[0] & 63) + 1
        var pieces: [[UInt8]] = []
        var offset = 0
        while offset < bytes.count {
            let size = min(bytes.count - offset, all[0] & 64 == 0 ? stride : 1 + (offset &* 31 &+ stride) % 17)
            pieces.append(Array(bytes[offset..<(offset + size)]))
            offset += size
        }
        self.pieces = pieces
    }
}

/// Ends the process with a message, which the fuzzer reports with the input that led here.
public func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}
