import CLinux
import Glibc

/// Where the output of the stream whose input is being handled is gathered, so that it costs one system call and no
/// allocation. One for each loop; see ``SocketStream``.
///
/// Raw memory instead of an array: an array's bookkeeping for an append of a few bytes was a fifth of the time of an echo.
/// What a peer is sent back out of the bytes it was read into is not copied at all when it is large.
final class Cork {
    private let memory: UnsafeMutableRawBufferPointer
    private var used = 0
    /// What goes out, in order: parts of ``memory`` and of ``lent``.
    private let pieces: UnsafeMutableBufferPointer<iovec>
    private var pieceCount = 0
    private var isLastPieceOwn = false
    /// Bytes that stay as they are until the cork is empty again.
    private let lent: UnsafeRawBufferPointer
    /// Bytes gathered.
    private(set) var count = 0

    /// Lent bytes from this size on are referred to instead of copied.
    private static let referencedSize = 4096
    private static let maximumPieces = 64

    /// - Parameters:
    ///   - capacity: The most that is ever appended, in bytes.
    ///   - lent: Where appended bytes may be referred to: the loop's read buffer, which is not read into again before what
    ///     was gathered has been sent or copied.
    init(capacity: Int, lent: UnsafeRawBufferPointer) {
        memory = .allocate(byteCount: capacity, alignment: 64)
        pieces = .allocate(capacity: Self.maximumPieces)
        self.lent = lent
    }

    deinit {
        memory.deallocate()
        pieces.deallocate()
    }

    var isEmpty: Bool { count == 0 }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        count += bytes.count
        if bytes.count >= Self.referencedSize, pieceCount < Self.maximumPieces - 1, isLent(bytes) {
            isLastPieceOwn = false
            return add(source, bytes.count)
        }
        precondition(bytes.count <= memory.count - used, "more than a cork holds")
        guard let target = memory.baseAddress.map({ $0 + used }) else { return }
        target.copyMemory(from: source, byteCount: bytes.count)
        used += bytes.count
        if isLastPieceOwn {
            pieces[pieceCount - 1].iov_len += bytes.count
        } else {
            isLastPieceOwn = true
            add(target, bytes.count)
        }
    }

    func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    /// What was gathered, as a copy.
    func copy() -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(count)
        for piece in pieces[..<pieceCount] {
            copy.append(contentsOf: UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len))
        }
        return copy
    }

    /// Sends what was gathered with one system call: a number of bytes, or the negative `errno`.
    func send(to descriptor: Int32) -> Int {
        if pieceCount == 1 { return clinux_send(descriptor, pieces[0].iov_base, pieces[0].iov_len) }
        return clinux_send_pieces(descriptor, pieces.baseAddress, pieceCount)
    }

    func removeAll() {
        used = 0
        pieceCount = 0
        isLastPieceOwn = false
        count = 0
    }

    private func isLent(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress, let first = lent.baseAddress else { return false }
        return start >= first && start + bytes.count <= first + lent.count
    }

    private func add(_ start: UnsafeRawPointer, _ size: Int) {
        pieces[pieceCount] = iovec(iov_base: UnsafeMutableRawPointer(mutating: start), iov_len: size)
        pieceCount += 1
    }
}
