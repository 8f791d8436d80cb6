import Locking

/// What each format makes of a value: made once and shared by all subscribers of all loops.
final class Encodings: Sendable {
    /// What one format has made, under a lock of its own: a second loop waits for the bytes instead of making them again, and
    /// a format may build on another one.
    private final class Made: Sendable {
        let value = Mutex<(any Sendable)?>(nil)
    }

    private let formats = Mutex<[ObjectIdentifier: Made]>([:])

    func value<Encoded: Sendable>(for format: ObjectIdentifier, _ make: () -> Encoded) -> Encoded {
        let made = formats.withLock { formats in
            let made = formats[format] ?? Made()
            formats[format] = made
            return made
        }
        return made.value.withLock { value in
            if let value = value as? Encoded { return value }
            let encoded = make()
            value = encoded
            return encoded
        }
    }
}
