internal import CZlib

/// zlib's state for compressing messages as raw deflate streams (RFC 1951).
final class Deflater {
    private let stream: UnsafeMutablePointer<z_stream>
    let windowBits: Int
    let level: Int

    /// Nil when there is no memory for it.
    init?(windowBits: Int, level: Int) {
        self.windowBits = windowBits
        self.level = level
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let memory = Int32(Self.memoryLevel(windowBits))
        guard czlib_deflate_init(stream, Int32(level), -Int32(windowBits), memory) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// A hash table of the size that suits the window, as zlib's own defaults for the largest one.
    static func memoryLevel(_ windowBits: Int) -> Int { windowBits - 7 }

    /// Forgets what was compressed: the next message refers to nothing before it.
    func reset() { deflateReset(stream) }

    /// A whole message. See ``deflate(_:)-(UnsafeRawBufferPointer)``.
    func deflate(_ payload: [UInt8]) -> [UInt8]? { payload.withUnsafeBytes { deflate($0) } }

    /// A whole message, without the four bytes its receiver adds (RFC 7692 §7.2.1); nil when zlib failed.
    func deflate(_ payload: UnsafeRawBufferPointer) -> [UInt8]? {
        // What §7.2.3.6 sends for an empty message: zlib would write nothing when nothing is pending.
        if payload.isEmpty { return [0x00] }
        let bound = Int(deflateBound(stream, UInt(payload.count))) + 16
        var isComplete = false
        let compressed = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            // zlib does not write through this pointer.
            let input = UnsafeMutablePointer(mutating: payload.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.next_in = input
            stream.pointee.avail_in = UInt32(clamping: payload.count)
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(clamping: bound)
            let code = CZlib.deflate(stream, Z_SYNC_FLUSH)
            isComplete = code == Z_OK && stream.pointee.avail_in == 0 && stream.pointee.avail_out > 0
            count = max(0, bound - Int(stream.pointee.avail_out) - 4)
        }
        stream.pointee.next_in = nil
        stream.pointee.next_out = nil
        return isComplete && !compressed.isEmpty ? compressed : nil
    }
}
