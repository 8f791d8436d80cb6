internal import CZlib

/// zlib's state for decompressing raw deflate streams (RFC 1951).
final class Inflater {
    private let stream: UnsafeMutablePointer<z_stream>
    let windowBits: Int
    /// Whether the last thing read was the end of a block marked as the last one.
    private var isAfterLastBlock = false
    /// Whether there may be output that had no room yet.
    private var isOutputOwed = false

    /// How much is decompressed before the limit is looked at again. A bomb gets this much more than it may have.
    private static let pieceSize = 16 * 1024
    /// How much is read before the work is looked at again.
    private static let inputSize = 1024
    /// What the sender leaves out at the end of each message (RFC 7692 §7.2.2).
    private static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]

    /// Nil when there is no memory for it.
    init?(windowBits: Int) {
        self.windowBits = windowBits
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // A window of 2^8 is one that zlib's own compressor silently makes larger, so it is read with 2^9.
        guard czlib_inflate_init(stream, -Int32(max(windowBits, 9))) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Forgets what was decompressed.
    func reset() {
        inflateReset(stream)
        isAfterLastBlock = false
        isOutputOwed = false
    }

    /// Decompresses a piece of a message, the last one with the bytes that its sender left out.
    ///
    /// - Parameters:
    ///   - piece: What was read is removed from its front.
    ///   - share: What may be done at most, roughly; see ``MessageExtension/decode(_:isLast:into:limit:share:)``.
    /// - Returns: Whether all of the piece is decompressed; if not, call again with what is left of it, be it nothing.
    /// - Throws: ``WebSocketError/extensionFailed``, also where the last piece ends in the middle of a block;
    ///   ``WebSocketError/limitExceeded(_:limit:)`` once `message` would have
    ///   grown beyond `limit`, whatever the piece would still inflate to.
    func inflate(
        _ piece: inout UnsafeRawBufferPointer,
        isLast: Bool,
        into message: inout [UInt8],
        limit: Int,
        share: Int
    ) throws(WebSocketError) -> Bool {
        guard try inflate(&piece, into: &message, limit: limit, share: share) else { return false }
        guard isLast else { return true }
        // Complete as it is. The sender should have added an empty block (RFC 7692 §7.2.3.4), and not all do; the bytes
        // below would then be the torn beginning of the next message.
        if isAfterLastBlock {
            isAfterLastBlock = false
            return true
        }
        let size = message.count
        _ = try Self.tail.withUnsafeBufferPointer { (tail) throws(WebSocketError) in
            var tail = UnsafeRawBufferPointer(tail)
            return try inflate(&tail, into: &message, limit: limit, share: .max)
        }
        // In a message that was cut short the tail is taken for data, or leaves zlib waiting for more.
        guard message.count == size, isBetweenBlocks else { throw .extensionFailed }
        return true
    }

    /// Whether all of the current block has been read and nothing of the next, as zlib tells in `data_type`: 128 between
    /// blocks, 64 within the last one, and the number of bits that wait.
    private var isBetweenBlocks: Bool { stream.pointee.data_type == 128 }

    private func inflate(
        _ input: inout UnsafeRawBufferPointer,
        into message: inout [UInt8],
        limit: Int,
        share: Int
    ) throws(WebSocketError) -> Bool {
        if input.isEmpty, !isOutputOwed { return true }
        defer { stream.pointee.next_in = nil }
        var work = 0
        while true {
            let start = message.count
            let size = min(input.count, Self.inputSize)
            // zlib does not write through this pointer.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(size)
            let (code, room) = fill(&message)
            let taken = size - Int(stream.pointee.avail_in)
            input = UnsafeRawBufferPointer(rebasing: input[taken...])
            guard message.count <= limit else { throw .limitExceeded(.messageBytes, limit: limit) }
            switch code {
            // A block marked as the last one ends the stream, not the message: more may follow, and may refer to what
            // came before (RFC 7692 §7.2.3.4).
            case Z_STREAM_END:
                inflateResetKeep(stream)
                isAfterLastBlock = true
            case Z_OK: isAfterLastBlock = false
            // Nothing to read or no room: neither is an error by itself.
            case Z_BUF_ERROR where stream.pointee.avail_in == 0: break
            default: throw .extensionFailed
            }
            // A piece that was filled may not be the last one.
            isOutputOwed = room == 0
            if input.isEmpty, !isOutputOwed { return true }
            work += taken * WebSocketConnection.encodedByteCost + message.count - start
            if work >= share { return false }
        }
    }

    /// Decompresses as much as one piece holds; returns zlib's code and the room that was left in the piece.
    private func fill(_ message: inout [UInt8]) -> (code: Int32, room: UInt32) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.pieceSize) { piece in
            stream.pointee.next_out = piece.baseAddress
            stream.pointee.avail_out = UInt32(piece.count)
            let code = CZlib.inflate(stream, Z_SYNC_FLUSH)
            let room = stream.pointee.avail_out
            message.append(contentsOf: UnsafeBufferPointer(rebasing: piece[..<(piece.count - Int(room))]))
            return (code, room)
        }
    }
}
