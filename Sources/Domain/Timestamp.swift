import Glibc

/// A point in time, in microseconds since 1970-01-01T00:00:00Z: Postgres's resolution.
public struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Microseconds since the epoch, without leap seconds.
    public let microseconds: Int64

    /// Creates a time from microseconds since the epoch.
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// The system's wall clock.
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// Whole seconds since the epoch, rounded down.
    public var seconds: Int64 { (microseconds - (microseconds % 1_000_000 + 1_000_000) % 1_000_000) / 1_000_000 }

    /// Whole days (UTC) since the epoch, rounded down.
    public var days: Int64 { (seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400 }

    /// Whole milliseconds since the epoch, AG-UI's `timestamp`.
    public var milliseconds: Int64 { microseconds / 1000 }

    /// The time `seconds` later (or earlier, when negative).
    public func adding(seconds: Int64) -> Timestamp { Timestamp(microseconds: microseconds + seconds * 1_000_000) }

    /// RFC 3339 in UTC with milliseconds: `2026-11-23T10:58:03.120Z`. Years beyond 0 to 9999, which it cannot name, are
    /// given as the first or the last of these.
    public var rfc3339: String {
        let time = min(max(self, .firstNamed), .lastNamed)
        let (year, month, day) = CivilDate.of(day: time.days)
        let second = time.seconds - time.days * 86_400
        let millisecond = (time.microseconds - time.seconds * 1_000_000) / 1000
        // Documents hold several times for each step, and are made anew with each event.
        return String(unsafeUninitializedCapacity: 24) { bytes in
            func put(_ value: Int64, _ width: Int, at start: Int, behind separator: Unicode.Scalar? = nil) {
                if let separator { bytes[start - 1] = UInt8(ascii: separator) }
                var rest = value
                for index in stride(from: start + width - 1, through: start, by: -1) {
                    bytes[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
            }
            put(year, 4, at: 0)
            put(month, 2, at: 5, behind: "-")
            put(day, 2, at: 8, behind: "-")
            put(second / 3600, 2, at: 11, behind: "T")
            put(second / 60 % 60, 2, at: 14, behind: ":")
            put(second % 60, 2, at: 17, behind: ":")
            put(millisecond, 3, at: 20, behind: ".")
            bytes[23] = UInt8(ascii: "Z")
            return 24
        }
    }

    /// 0000-01-01T00:00:00Z.
    private static let firstNamed = Timestamp(microseconds: -62_167_219_200_000_000)
    /// 9999-12-31T23:59:59.999999Z.
    private static let lastNamed = Timestamp(microseconds: 253_402_300_799_999_999)

    /// Parses RFC 3339 with `Z` or a numeric offset; nil for anything else.
    public init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[range] {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        func isAt(_ index: Int, _ characters: String) -> Bool {
            index < bytes.count && characters.utf8.contains(bytes[index])
        }
        guard let year = number(0..<4), isAt(4, "-"), let month = number(5..<7), isAt(7, "-"),
            let day = number(8..<10), isAt(10, "Tt "), let hour = number(11..<13), isAt(13, ":"),
            let minute = number(14..<16), isAt(16, ":"), let second = number(17..<19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var index = 19
        var fraction: Int64 = 0
        if isAt(index, ".") {
            index += 1
            var scale: Int64 = 100_000
            let start = index
            while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 {
                fraction += Int64(bytes[index] - 0x30) * scale
                scale /= 10
                index += 1
            }
            guard index > start else { return nil }
        }
        var offset: Int64 = 0
        if isAt(index, "Zz") {
            index += 1
        } else {
            guard isAt(index, "+-"), let hours = number(index + 1..<index + 3), isAt(index + 3, ":"),
                let minutes = number(index + 4..<index + 6), hours < 24, minutes < 60
            else { return nil }
            offset = Int64(hours * 3600 + minutes * 60) * (bytes[index] == UInt8(ascii: "-") ? -1 : 1)
            index += 6
        }
        guard index == bytes.count else { return nil }
        guard let days = CivilDate.day(of: (Int64(year), Int64(month), Int64(day))) else { return nil }
        let seconds = days * 86_400 + Int64(hour * 3600 + minute * 60 + second) - offset
        microseconds = seconds * 1_000_000 + fraction
    }

    /// RFC 3339 text.
    public var description: String { rfc3339 }

    /// Chronological order.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }
}
