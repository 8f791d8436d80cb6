/// The weights of negotiation fields (RFC 9110 §12.4.2).
enum QualityValue {
    /// The weight of an item that carries none.
    static let highest = 1000

    /// `qvalue` in thousandths: 0 to 1 with at most three decimals. Nil for anything else.
    static func parse(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, first == ASCII.zero || first == ASCII.zero + 1, bytes.count <= 5 else {
            return nil
        }
        var thousandths = Int(first - ASCII.zero) * 1000
        guard bytes.count > 1 else { return thousandths }
        guard bytes[1] == 0x2E else { return nil }
        var place = 100
        for digit in bytes.dropFirst(2) {
            guard ByteSet.digits.contains(digit) else { return nil }
            thousandths += Int(digit - ASCII.zero) * place
            place /= 10
        }
        return thousandths <= highest ? thousandths : nil
    }
}
