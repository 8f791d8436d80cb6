/// The dates of HTTP (RFC 9110 §5.6.7): `IMF-fixdate` is written, `Sun, 06 Nov 1994 08:49:37 GMT`; it and the two obsolete
/// formats are read.
public enum HTTPDate {
    /// The date of `seconds` since 1970-01-01T00:00:00Z, for years 0 to 9999; beyond, the nearest of these.
    public static func format(unixSeconds seconds: Int) -> String {
        let seconds = min(max(seconds, earliest), latest)
        let days = floorDivide(seconds, by: secondsPerDay)
        let time = seconds - days * secondsPerDay
        let (year, month, day) = civil(fromDays: days)
        let weekday = ((days + 4) % 7 + 7) % 7
        var text: [UInt8] = []
        text.reserveCapacity(29)
        text.append(contentsOf: weekdays[weekday].utf8)
        text.append(contentsOf: ", ".utf8)
        append(day, digits: 2, separator: " ", to: &text)
        text.append(contentsOf: months[month - 1].utf8)
        text.append(ASCII.space)
        append(year, digits: 4, separator: " ", to: &text)
        append(time / 3600, digits: 2, separator: ":", to: &text)
        append(time / 60 % 60, digits: 2, separator: ":", to: &text)
        append(time % 60, digits: 2, separator: " GMT", to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Unix seconds of a date in any of the three formats, or nil when `text` is none or names a day that does not exist.
    ///
    /// A leap second counts as the first second of the next minute. The weekday must be right.
    /// - Parameter now: seconds since 1970-01-01T00:00:00Z, by which the two digits that RFC 850 has for the year are
    ///   completed: to a year that is at most 50 years in the future.
    public static func parse(_ text: String, now: Int) -> Int? {
        let bytes = Array(text.utf8)
        return fixed(bytes) ?? rfc850(bytes, now: now) ?? asctime(bytes)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    private static func fixed(_ bytes: [UInt8]) -> Int? {
        guard bytes.count == 29, bytes[3...4].elementsEqual(", ".utf8), bytes[7] == ASCII.space,
            bytes[11] == ASCII.space, bytes[16] == ASCII.space, bytes[25...].elementsEqual(" GMT".utf8),
            let weekday = weekday(bytes[0..<3]), let year = number(bytes[12..<16])
        else { return nil }
        return seconds(weekday, year, month: bytes[8..<11], day: bytes[5..<7], time: bytes[17..<25])
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`
    private static func rfc850(_ bytes: [UInt8], now: Int) -> Int? {
        guard let comma = bytes.firstIndex(of: ASCII.comma), bytes.count == comma + 24,
            let weekday = longWeekdays.firstIndex(where: { bytes[..<comma].elementsEqual($0.utf8) }),
            bytes[comma + 1] == ASCII.space, bytes[comma + 4] == dash, bytes[comma + 8] == dash,
            bytes[comma + 11] == ASCII.space, bytes[(comma + 20)...].elementsEqual(" GMT".utf8),
            let digits = number(bytes[(comma + 9)..<(comma + 11)])
        else { return nil }
        let latestYear = civil(fromDays: floorDivide(now, by: secondsPerDay)).year + 50
        let year = latestYear - ((latestYear - digits) % 100 + 100) % 100
        let (month, day) = (bytes[(comma + 5)..<(comma + 8)], bytes[(comma + 2)..<(comma + 4)])
        return seconds(weekday, year, month: month, day: day, time: bytes[(comma + 12)..<(comma + 20)])
    }

    /// `Sun Nov  6 08:49:37 1994`
    private static func asctime(_ bytes: [UInt8]) -> Int? {
        guard bytes.count == 24, bytes[3] == ASCII.space, bytes[7] == ASCII.space, bytes[10] == ASCII.space,
            bytes[19] == ASCII.space, let weekday = weekday(bytes[0..<3]), let year = number(bytes[20..<24])
        else { return nil }
        let day = bytes[8] == ASCII.space ? bytes[9..<10] : bytes[8..<10]
        return seconds(weekday, year, month: bytes[4..<7], day: day, time: bytes[11..<19])
    }

    private static func seconds(
        _ weekday: Int,
        _ year: Int,
        month: ArraySlice<UInt8>,
        day: ArraySlice<UInt8>,
        time: ArraySlice<UInt8>
    ) -> Int? {
        guard let monthIndex = months.firstIndex(where: { month.elementsEqual($0.utf8) }), let day = number(day),
            let second = secondOfDay(Array(time))
        else { return nil }
        let days = days(year: year, month: monthIndex + 1, day: day)
        guard civil(fromDays: days) == (year, monthIndex + 1, day), ((days + 4) % 7 + 7) % 7 == weekday else {
            return nil
        }
        return days * secondsPerDay + second
    }

    /// `08:49:37`
    private static func secondOfDay(_ time: [UInt8]) -> Int? {
        guard time[2] == ASCII.colon, time[5] == ASCII.colon, let hour = number(time[0..<2]),
            let minute = number(time[3..<5]), let second = number(time[6..<8]), hour < 24, minute < 60, second <= 60
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    private static func weekday(_ bytes: ArraySlice<UInt8>) -> Int? {
        weekdays.firstIndex { bytes.elementsEqual($0.utf8) }
    }

    private static let dash: UInt8 = 0x2D
    private static let longWeekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let secondsPerDay = 86_400
    private static let earliest = -62_167_219_200
    private static let latest = 253_402_300_799

    private static func append(_ value: Int, digits: Int, separator: String, to text: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            text.append(ASCII.zero + UInt8(value / divisor % 10))
            divisor /= 10
        }
        text.append(contentsOf: separator.utf8)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in bytes {
            guard ByteSet.digits.contains(byte) else { return nil }
            value = value * 10 + Int(byte - ASCII.zero)
        }
        return value
    }

    private static func floorDivide(_ value: Int, by divisor: Int) -> Int {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in 400-year eras that start in March, so that
    /// the leap day is the last day of its year.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = floorDivide(year, by: 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
