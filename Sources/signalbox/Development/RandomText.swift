/// Secrets and passwords that people can read aloud.
enum RandomText {
    /// No vowels (no words by accident) and no look-alikes; 26 characters: 4.7 bits each.
    private static let alphabet = Array("bcdfghjkmnpqrstvwxz2345679")

    /// `length` characters from the system's generator.
    static func make(_ length: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return make(length, using: &generator)
    }

    static func make(_ length: Int, using generator: inout some RandomNumberGenerator) -> String {
        String((0..<length).compactMap { _ in alphabet.randomElement(using: &generator) })
    }
}
