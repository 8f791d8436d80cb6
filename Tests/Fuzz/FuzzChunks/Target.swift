import FuzzSupport
import HTTP

@main
enum Fuzz {
    static func main() { runFuzzer { test($0, $1) } }
}

/// The chunked coding: the same content however it is cut, and what one parser reads another reads from the same content
/// framed anew.
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = Input(start, count) else { return 0 }
    let head = Array("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    let limits = HTTPLimits(body: 2048, chunkExtensionBytes: 64, trailerBytes: 128)
    let whole = HTTPRun([head + input.bytes], limits: limits)
    require(HTTPRun([head] + input.pieces, limits: limits) == whole, "cuts change the outcome")
    guard whole.events.count >= 2, let body = whole.bodies.first else { return 0 }
    let framed = Array("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
    require(HTTPRun([framed], limits: limits).bodies == [body], "the content reads differently with a length")
    return 0
}
