internal import CZlib

/// The gzip coding of whole contents (RFC 1952).
public enum Gzip {
    /// How hard zlib tries.
    public enum Effort: Int32, Sendable {
        /// For what is compressed anew for each response: nearly all of the gain in a third of the time.
        case fast = 4
        /// For what is compressed once and sent many times.
        case thorough = 9
    }

    /// A window of 32 KiB, and the sixteen that asks zlib for gzip's header and trailer.
    private static let windowBits: Int32 = 15 + 16
    private static let memoryLevel: Int32 = 8

    /// `content` in one gzip member, whose bytes depend on nothing else: it bears no time and no name.
    ///
    /// Took 17 ms for a MiB of JSON at ``Effort/fast``, so large contents belong on a thread of their own.
    /// - Returns: nil when zlib has no memory for it, or `content` is beyond its counters of 32 bits.
    public static func compress(_ content: [UInt8], _ effort: Effort) -> [UInt8]? {
        var stream = z_stream()
        guard czlib_deflate_init(&stream, effort.rawValue, windowBits, memoryLevel) == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(content.count)))
        guard let available = UInt32(exactly: content.count), let room = UInt32(exactly: bound) else { return nil }
        var isComplete = false
        let compressed = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            content.withUnsafeBufferPointer { input in
                // zlib does not write through this pointer.
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = available
                stream.next_out = output.baseAddress
                stream.avail_out = room
                isComplete = deflate(&stream, Z_FINISH) == Z_STREAM_END
                count = bound - Int(stream.avail_out)
            }
        }
        return isComplete ? compressed : nil
    }
}
