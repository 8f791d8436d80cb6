// Domain: the values of the product, and the repositories it needs.
//
// What it is for: one vocabulary for every floor above: flows, events, prompts, decisions, people, and the protocols that
// Persistence implements. Pure values and rules: no sockets, no SQL, no tasks. It must never know how anything is stored,
// sent or shown.

import Glibc

/// A UUID that belongs to one kind of entity, so that a prompt's id cannot be passed for a flow's.
///
/// New ones are UUIDv7 (RFC 9562, section 5.7): ordered by their creation, which keeps indexes dense.
public struct Identifier<Entity>: Hashable, Sendable, Comparable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes a UUIDv7 from the present time and 74 random bits.
    public static func generate() -> Self {
        var generator = SystemRandomNumberGenerator()
        return generate(at: Timestamp.now(), using: &generator)
    }

    /// Makes a UUIDv7 from the given time and random numbers.
    public static func generate(at time: Timestamp, using generator: inout some RandomNumberGenerator) -> Self {
        let milliseconds = UInt64(clamping: time.microseconds / 1000) & 0xFFFF_FFFF_FFFF
        let random = generator.next()
        return Self(
            high: milliseconds << 16 | 0x7000 | (random & 0x0FFF),
            low: 0x8000_0000_0000_0000 | (generator.next() & 0x3FFF_FFFF_FFFF_FFFF)
        )
    }

    /// Parses the canonical text form, in either case; nil for anything else.
    public init?(_ text: some StringProtocol) {
        var nibbles = 0
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (offset, byte) in text.utf8.enumerated() {
            if [8, 13, 18, 23].contains(offset) {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let value = Self.hexValue(byte), nibbles < 32 else { return nil }
            if nibbles < 16 { high = high << 4 | value } else { low = low << 4 | value }
            nibbles += 1
        }
        guard nibbles == 32 else { return nil }
        self.init(high: high, low: low)
    }

    /// The first and the last eight bytes as numbers.
    public var words: (high: UInt64, low: UInt64) { (high, low) }

    /// The canonical text form: 36 characters, lower case.
    public var text: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for index in 0..<32 {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let word = index < 16 ? high : low
                let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (index & 15))) & 0xF
                buffer[position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
                position += 1
            }
            return position
        }
    }

    /// The canonical text form.
    public var description: String { text }

    /// A hash that is equal in every process, for choosing a home loop.
    public var stableHash: UInt64 { (high ^ low) &* 0x9E37_79B9_7F4A_7C15 }

    /// Byte order, which for UUIDv7 is the order of creation.
    public static func < (left: Self, right: Self) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }

    private static func hexValue(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

/// Names a tenant.
public typealias TenantID = Identifier<Tenant>
/// Names a person within a tenant.
public typealias UserID = Identifier<User>
/// Names a sign-in of a person.
public typealias SessionID = Identifier<Session>
/// Names a flow; also its AG-UI `threadId`.
public typealias FlowID = Identifier<Flow>
/// Names a run of a flow.
public typealias RunID = Identifier<Run>
/// Names a prompt.
public typealias PromptID = Identifier<Prompt>
/// Names an uploaded file.
public typealias UploadID = Identifier<Upload>
/// Names an asset of the inventory.
public typealias AssetID = Identifier<Asset>
