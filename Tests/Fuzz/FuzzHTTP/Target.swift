import FuzzSupport
import HTTP

@main
enum Fuzz {
    static func main() { runFuzzer { test($0, $1) } }
}

/// Whole requests: the same events however they are cut, no limit passed, nothing after an error, and grammars that take
/// what the parser let through.
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = Input(start, count) else { return 0 }
    let limits = HTTPLimits(requestLine: 256, headerBytes: 1024, headerCount: 16, body: 512, trailerBytes: 128)
    let whole = HTTPRun([input.bytes], limits: limits)
    require(HTTPRun(input.pieces, limits: limits) == whole, "cuts change the outcome")
    for case .head(let head) in whole.events {
        _ = try? head.pathSegments()
        _ = try? head.queryItems()
        _ = try? head.accept()
        _ = try? head.contentType()
        _ = try? head.ifMatch()
        _ = try? head.ifNoneMatch()
        _ = head.cookies
        _ = head.authority
        _ = head.expectsContinue
        _ = head.upgradesTo("websocket")
    }
    return 0
}
