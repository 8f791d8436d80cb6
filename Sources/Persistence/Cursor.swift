/// The place where a page ends, as callers get it: base64url (RFC 4648, section 5, without padding) of the sort key.
enum Cursor {
    private static let separator: UInt8 = 0x1F

    static func encode(_ parts: [String]) -> String {
        base64url(Array(parts.map { Array($0.utf8) }.joined(separator: [separator])))
    }

    /// The parts of the sort key; nil unless there are `count` of them.
    static func decode(_ text: String, count: Int) -> [String]? {
        guard let bytes = bytes(ofBase64url: text), !bytes.contains(0) else { return nil }
        let parts = bytes.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == count else { return nil }
        return parts.map { String(decoding: $0, as: UTF8.self) }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func base64url(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0...group.count { text.append(alphabet[Int(word >> UInt32(18 - 6 * index) & 63)]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func bytes(ofBase64url text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var word: UInt32 = 0
        var bits = 0
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            word = word << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
                word &= 1 << UInt32(bits) - 1
            }
        }
        return bits < 6 && word == 0 ? bytes : nil
    }
}
