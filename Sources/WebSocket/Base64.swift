internal import HTTP

/// Base64 with padding (RFC 4648 §4), as the handshake needs it.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        let size = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: size) { text in
            alphabet.withUnsafeBufferPointer { alphabet in
                for group in 0..<(size / 4) {
                    let start = group * 3
                    let count = min(3, bytes.count - start)
                    var word: UInt32 = 0
                    for offset in 0..<count { word |= UInt32(bytes[start + offset]) << UInt32(16 - 8 * offset) }
                    for position in 0..<4 {
                        let index = Int(word >> UInt32(18 - 6 * position) & 63)
                        text[group * 4 + position] = position <= count ? alphabet[index] : 0x3D
                    }
                }
            }
            return size
        }
    }

    /// The number of bytes `text` encodes, or nil when it is no padded base64.
    static func decodedCount(_ text: String) -> Int? {
        var text = text
        return text.withUTF8 { bytes in
            guard !bytes.isEmpty, bytes.count % 4 == 0 else { return nil }
            let padding = bytes[bytes.count - 1] != 0x3D ? 0 : bytes[bytes.count - 2] != 0x3D ? 1 : 2
            guard bytes.dropLast(padding).allSatisfy(digits.contains) else { return nil }
            return bytes.count / 4 * 3 - padding
        }
    }

    private static let digits = ByteSet("+/").union(.digits).union(.letters)
}
