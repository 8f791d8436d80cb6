import FuzzSupport
import WebSocket

/// The outcome of decompressing one message, `share` bytes at a time.
func inflate(
    _ pieces: [[UInt8]],
    _ deflate: PerMessageDeflate,
    share: Int = .max
) -> Result<[UInt8], WebSocketError> {
    let limit = 64 * 1024
    var message: [UInt8] = []
    do throws(WebSocketError) {
        for (index, piece) in pieces.enumerated() {
            try piece.withUnsafeBufferPointer { (piece) throws(WebSocketError) in
                var rest = UnsafeRawBufferPointer(piece)
                let isLast = index == pieces.count - 1
                var before = (message.count, rest.count)
                while try !deflate.decode(&rest, isLast: isLast, into: &message, limit: limit, share: share) {
                    require((message.count, rest.count) != before, "stopped without having done anything")
                    before = (message.count, rest.count)
                }
                require(rest.isEmpty, "bytes are left although all is decoded")
            }
            require(message.count <= limit, "a message over its limit")
        }
    } catch {
        require(message.count <= limit + 16 * 1024, "more was inflated than one piece beyond the limit")
        return .failure(error)
    }
    return .success(message)
}

@main
enum Fuzz {
    static func main() { runFuzzer { test($0, $1) } }
}

/// Compressed messages: the same outcome however they are cut and whether the context is kept, and what was read can be
/// compressed and read again.
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = Input(start, count) else { return 0 }
    let pool = DeflatePool(policy: DeflatePolicy())
    let fresh = DeflateParameters(serverNoContextTakeover: true, clientNoContextTakeover: true)
    let whole = inflate([input.bytes], PerMessageDeflate(fresh, pool: pool))
    let pieces = input.pieces.isEmpty ? [[]] : input.pieces
    require(inflate(pieces, PerMessageDeflate(fresh, pool: pool)) == whole, "cuts change the outcome")
    require(inflate(pieces, PerMessageDeflate(fresh, pool: pool), share: 1) == whole, "shares change the outcome")
    require(
        inflate([input.bytes], PerMessageDeflate(DeflateParameters(), pool: pool)) == whole,
        "the context changes it"
    )
    let codec = PerMessageDeflate(fresh, pool: pool)
    guard case .success(let message) = whole,
        let encoded = message.withUnsafeBytes({ codec.encode($0) })
    else { return 0 }
    require(inflate([encoded], codec) == .success(message), "a message does not come back")
    return 0
}
