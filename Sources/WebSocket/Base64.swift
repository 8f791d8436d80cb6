internal import HTTP

/// Base64 with padding (RFC 4648 §4), as the handshake needs it.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var word: UInt32 = 0
            for offset in 0..<count { word |= UInt32(bytes[start + offset]) << UInt32(16 - 8 * offset) }
            for position in 0..<4 {
                let index = Int(word >> UInt32(18 - 6 * position) & 63)
                text.append(position <= count ? alphabet[index] : 0x3D)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The number of bytes `text` encodes, or nil when it is no padded base64.
    static func decodedCount(_ text: String) -> Int? {
        let bytes = text.utf8
        guard !bytes.isEmpty, bytes.count % 4 == 0 else { return nil }
        let padding = bytes.suffix(2).reversed().prefix { $0 == 0x3D }.count
        guard bytes.dropLast(padding).allSatisfy(digits.contains) else { return nil }
        return bytes.count / 4 * 3 - padding
    }

    private static let digits = ByteSet("+/").union(.digits).union(.letters)
}
