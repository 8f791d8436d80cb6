import CURing
import Glibc

/// Sends the same bytes on many streams of one loop: with one system call for hundreds of them where the kernel offers
/// io_uring, with one for each where it does not.
///
/// Call ``begin(_:)``, ``add(_:)`` for each stream, ``finish()``.
public final class SendBatch {
    private var ring: OpaquePointer?
    private var bytes: [UInt8] = []
    private var streams: [SocketStream] = []
    private var sockets: [Int32] = []
    private var results: [Int32]

    /// Streams served by one system call.
    private static let size = 512

    /// - Parameter usesRing: Whether to ask the kernel for a ring at all.
    init(usesRing: Bool) {
        ring = usesRing ? curing_create(UInt32(Self.size)) : nil
        results = Array(repeating: 0, count: ring == nil ? 0 : Self.size)
    }

    deinit { if let ring { curing_destroy(ring) } }

    /// Whether the kernel gave a ring.
    public var hasRing: Bool { ring != nil }

    /// Begins a batch of `bytes`.
    public func begin(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Sends the bytes on `stream`, now or with the others.
    public func add(_ stream: SocketStream) {
        guard ring != nil, stream.mayBypassQueue else { return stream.writeNow(bytes) }
        streams.append(stream)
        sockets.append(stream.descriptor)
        if streams.count == Self.size { submit() }
    }

    /// Sends what is left.
    public func finish() {
        submit()
        bytes = []
    }

    private func submit() {
        guard let ring, !streams.isEmpty else { return }
        let code = bytes.withUnsafeBytes { bytes in
            sockets.withUnsafeBufferPointer { sockets in
                results.withUnsafeMutableBufferPointer { results in
                    curing_send_to_all(
                        ring,
                        sockets.baseAddress,
                        UInt32(sockets.count),
                        bytes.baseAddress,
                        bytes.count,
                        results.baseAddress
                    )
                }
            }
        }
        for (index, stream) in streams.enumerated() { stream.sent(Int(results[index]), of: bytes) }
        if code < 0 {
            // A kernel that refuses once is not asked again.
            curing_destroy(ring)
            self.ring = nil
        }
        streams.removeAll(keepingCapacity: true)
        sockets.removeAll(keepingCapacity: true)
    }
}
