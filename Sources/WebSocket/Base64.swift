/// Base64 with padding (RFC 4648 §4), as the handshake needs it.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << UInt32(16 - 8 * $1.offset) }
            for position in 0..<4 {
                let index = Int(word >> UInt32(18 - 6 * position) & 63)
                text.append(position <= group.count ? alphabet[index] : 0x3D)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The number of bytes `text` encodes, or nil when it is no padded base64.
    static func decodedCount(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count % 4 == 0 else { return nil }
        let padding = bytes.suffix(2).reversed().prefix { $0 == 0x3D }.count
        guard bytes.dropLast(padding).allSatisfy({ alphabet.contains($0) }) else { return nil }
        return bytes.count / 4 * 3 - padding
    }
}
