/// SHA-1 (RFC 3174), for `Sec-WebSocket-Accept` only.
///
/// Not for security: collisions are cheap. The handshake only uses it to prove that the server read the key.
enum SHA1 {
    private struct State {
        var a: UInt32 = 0x6745_2301
        var b: UInt32 = 0xEFCD_AB89
        var c: UInt32 = 0x98BA_DCFE
        var d: UInt32 = 0x1032_5476
        var e: UInt32 = 0xC3D2_E1F0

        mutating func round(_ mix: UInt32, _ constant: UInt32, _ word: UInt32) {
            let next = SHA1.rotate(a, by: 5) &+ mix &+ e &+ constant &+ word
            (a, b, c, d, e) = (next, a, SHA1.rotate(b, by: 30), c, d)
        }

        mutating func add(_ other: State) {
            a &+= other.a
            b &+= other.b
            c &+= other.c
            d &+= other.d
            e &+= other.e
        }
    }

    /// The digest of `message`, 20 bytes.
    static func digest(of message: [UInt8]) -> [UInt8] {
        var state = State()
        let size = (message.count + 9 + 63) / 64 * 64
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { padded in
            pad(message, into: padded)
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { schedule in
                for start in stride(from: 0, to: size, by: 64) {
                    expand(UnsafeRawBufferPointer(padded), from: start, into: schedule)
                    compress(schedule, into: &state)
                }
            }
        }
        return [UInt8](unsafeUninitializedCapacity: 20) { digest, count in
            let bytes = UnsafeMutableRawBufferPointer(digest)
            for (index, word) in [state.a, state.b, state.c, state.d, state.e].enumerated() {
                bytes.storeBytes(of: word.bigEndian, toByteOffset: index * 4, as: UInt32.self)
            }
            count = 20
        }
    }

    /// The message, a bit, zeros, and its length in bits (RFC 3174 §4).
    private static func pad(_ message: [UInt8], into padded: UnsafeMutableRawBufferPointer) {
        padded.initializeMemory(as: UInt8.self, repeating: 0)
        padded.copyBytes(from: message)
        padded[message.count] = 0x80
        let bits = UInt64(message.count) * 8
        padded.storeBytes(of: bits.bigEndian, toByteOffset: padded.count - 8, as: UInt64.self)
    }

    private static func expand(
        _ block: UnsafeRawBufferPointer,
        from start: Int,
        into schedule: UnsafeMutableBufferPointer<UInt32>
    ) {
        for word in 0..<16 {
            let value = block.loadUnaligned(fromByteOffset: start + word * 4, as: UInt32.self)
            schedule.initializeElement(at: word, to: UInt32(bigEndian: value))
        }
        for word in 16..<80 {
            let mixed = schedule[word - 3] ^ schedule[word - 8] ^ schedule[word - 14] ^ schedule[word - 16]
            schedule.initializeElement(at: word, to: rotate(mixed, by: 1))
        }
    }

    private static func compress(_ schedule: UnsafeMutableBufferPointer<UInt32>, into state: inout State) {
        var next = state
        for word in 0..<20 { next.round((next.b & next.c) | (~next.b & next.d), 0x5A82_7999, schedule[word]) }
        for word in 20..<40 { next.round(next.b ^ next.c ^ next.d, 0x6ED9_EBA1, schedule[word]) }
        for word in 40..<60 {
            next.round((next.b & next.c) | (next.b & next.d) | (next.c & next.d), 0x8F1B_BCDC, schedule[word])
        }
        for word in 60..<80 { next.round(next.b ^ next.c ^ next.d, 0xCA62_C1D6, schedule[word]) }
        state.add(next)
    }

    private static func rotate(_ word: UInt32, by bits: UInt32) -> UInt32 {
        word << bits | word >> (32 - bits)
    }
}
