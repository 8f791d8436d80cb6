import FuzzSupport
import WebSocket

/// What a server's connection reports and answers.
struct ConnectionRun: Equatable {
    var events: [WebSocketEvent] = []
    var output: [UInt8] = []
    var error: WebSocketError?

    init(_ pieces: [[UInt8]], compresses: Bool, steps: Int = .max, takesWhole: Bool = false) {
        let pool = DeflatePool(policy: DeflatePolicy())
        let limits = WebSocketLimits(frameBytes: 1024, messageBytes: 2048, fragments: 8)
        var connection = WebSocketConnection(
            limits: limits,
            messageExtension: compresses ? PerMessageDeflate(DeflateParameters(), pool: pool) : nil
        )
        for piece in pieces {
            var piece = piece
            piece.withUnsafeMutableBytes { bytes in
                var whole = bytes
                while takesWhole, let (opcode, payload) = connection.nextWhole(in: &whole) {
                    take(opcode == .text ? .text(Array(payload)) : .binary(Array(payload)))
                }
                var input = UnsafeRawBufferPointer(whole)
                do throws(WebSocketError) {
                    var left = steps
                    repeat {
                        left = steps
                        while let event = try connection.next(from: &input, replyingInto: &output, steps: &left) {
                            take(event)
                        }
                    } while left <= 0
                    require(input.isEmpty, "bytes are left although nothing more is reported")
                } catch {
                    self.error = error
                }
            }
            if error != nil {
                require(connection.state == .closed, "open after an error")
                return
            }
        }
    }

    private mutating func take(_ event: WebSocketEvent) {
        events.append(event)
        switch event {
        case .text(let text):
            require(text.count <= 2048, "a message over its limit")
            require(String(validating: text, as: UTF8.self) != nil, "text that is not UTF-8")
        case .binary(let bytes): require(bytes.count <= 2048, "a message over its limit")
        case .ping(let bytes), .pong(let bytes): require(bytes.count <= 125, "a control frame over its limit")
        case .closed: break
        }
    }
}

@main
enum Fuzz {
    static func main() { runFuzzer { test($0, $1) } }
}

/// Frames from a client, plain and compressed: the same events and answers however they are cut.
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = Input(start, count) else { return 0 }
    for compresses in [false, true] {
        let whole = ConnectionRun([input.bytes], compresses: compresses)
        require(ConnectionRun(input.pieces, compresses: compresses) == whole, "cuts change the outcome")
        let inSteps = ConnectionRun(input.pieces, compresses: compresses, steps: 1)
        require(inSteps == whole, "steps change the outcome")
        let inPieces = ConnectionRun(input.pieces, compresses: compresses, takesWhole: true)
        require(inPieces == whole, "taking whole messages changes the outcome")
        let atOnce = ConnectionRun([input.bytes], compresses: compresses, takesWhole: true)
        require(atOnce == whole, "taking whole messages at once changes the outcome")
    }
    return 0
}
