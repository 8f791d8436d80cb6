/// Where the output of the stream whose input is being handled is gathered, so that it costs one system call and no
/// allocation. One for each loop; see ``SocketStream``.
///
/// Raw memory instead of an array: an array's bookkeeping for an append of a few bytes was a fifth of the time of an echo.
final class Cork {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    /// - Parameter capacity: The most that is ever appended, in bytes.
    init(capacity: Int) { memory = .allocate(byteCount: capacity, alignment: 64) }

    deinit { memory.deallocate() }

    var isEmpty: Bool { count == 0 }

    /// What was gathered. Valid until something is appended.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    func append(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    func removeAll() { count = 0 }
}
