import FuzzSupport
import HTTP
import HTTPTypes
import WebSocket

@main
enum Fuzz {
    static func main() { runFuzzer { test($0, $1) } }
}

/// Handshakes with the input as their list of extensions: what is offered can be written and read again, and what is
/// answered was offered.
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = Input(start, count) else { return 0 }
    var request = Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n".utf8)
    request += Array("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n".utf8)
    request += Array("Sec-WebSocket-Extensions: ".utf8) + input.bytes + Array("\r\n\r\n".utf8)
    var parser = RequestParser()
    parser.receive(request)
    guard case .head(let head)? = try? parser.next(), let handshake = try? HandshakeRequest(head) else { return 0 }
    for windowBits in [9, 15] {
        var policy = DeflatePolicy()
        policy.maxWindowBits = windowBits
        policy.keepsClientContext = windowBits == 15
        guard let (parameters, answer) = policy.negotiate(handshake.extensions) else { continue }
        require((9...windowBits).contains(parameters.serverMaxWindowBits), "a window that cannot be used")
        require((8...15).contains(parameters.clientMaxWindowBits), "a window that does not exist")
        require(handshake.extensions.contains { $0.name == answer.name }, "an answer to what was not offered")
    }
    return 0
}
