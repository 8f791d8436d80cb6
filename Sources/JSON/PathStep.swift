/// A step from a container to what it holds; written as a token only where an operation needs it.
enum PathStep {
    case member(String)
    case element(Int)

    /// The reference token (RFC 6901 §4), not escaped.
    var token: String {
        switch self {
        case .member(let name): name
        case .element(let index): String(index)
        }
    }

    /// The bytes of the token with its slash, escaped for the pointer and for JSON.
    var size: Int {
        switch self {
        case .member(let name): Self.size(of: name)
        case .element(let index): Self.size(of: index)
        }
    }

    private static func size(of name: String) -> Int {
        name.withBytes { bytes in
            bytes.reduce(1) { size, byte in
                switch byte {
                case UInt8(ascii: "~"), UInt8(ascii: "/"), UInt8(ascii: "\""), UInt8(ascii: "\\"): size + 2
                case 0x08, 0x09, 0x0A, 0x0C, 0x0D: size + 2
                case 0..<0x20: size + 6
                default: size + 1
                }
            }
        }
    }

    private static func size(of index: Int) -> Int {
        var (size, rest) = (2, index / 10)
        while rest > 0 { (size, rest) = (size + 1, rest / 10) }
        return size
    }
}
