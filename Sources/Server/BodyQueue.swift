/// Pieces of content between the parser and the handler that reads them.
struct BodyQueue {
    typealias Piece = Result<[UInt8]?, BodyError>

    private var pieces: [[UInt8]] = []
    private var end: Piece?
    private var reader: CheckedContinuation<Piece, Never>?
    private(set) var byteCount = 0

    /// Pieces below this size are joined: a peer that sends its content byte by byte must not make us keep an array, or
    /// move the whole list, for each of them.
    private static let joinedSize = 16 * 1024

    mutating func add(_ bytes: [UInt8]) {
        guard end == nil else { return }
        if let reader = reader.take() { return reader.resume(returning: .success(bytes)) }
        byteCount += bytes.count
        if let last = pieces.indices.last, pieces[last].count + bytes.count <= Self.joinedSize {
            pieces[last] += bytes
        } else {
            pieces.append(bytes)
        }
    }

    mutating func finish() { finish(.success(nil)) }

    mutating func fail(_ error: BodyError) { finish(.failure(error)) }

    /// Gives the next piece to `continuation`, now or when it is there. One reader at a time: a second one is told that
    /// there is nothing more.
    mutating func take(_ continuation: CheckedContinuation<Piece, Never>) {
        guard reader == nil else { return continuation.resume(returning: .success(nil)) }
        if !pieces.isEmpty {
            let piece = pieces.removeFirst()
            byteCount -= piece.count
            continuation.resume(returning: .success(piece))
        } else if let end {
            continuation.resume(returning: end)
        } else {
            reader = continuation
        }
    }

    private mutating func finish(_ piece: Piece) {
        guard end == nil else { return }
        end = piece
        reader.take()?.resume(returning: piece)
    }
}
