// Calendar dates in ISO 8601 and in the forms people and tools write, with the order of day and month kept honest:
// `03/04/2024` is two dates until the column tells which.

/// Which of day and month comes first where a date is written with numbers only.
public enum DateOrder: String, Sendable, Hashable, Codable {
    /// Day, month, year.
    case dayFirst = "dmy"
    /// Month, day, year.
    case monthFirst = "mdy"
}

/// A date read from text.
struct ParsedDate: Hashable {
    let year: Int
    let month: Int
    let day: Int
    /// `HH:MM:SS` with an optional zone, as the ISO form carries it after the `T`.
    var time: String?
    /// The numbers allow both orders and the text does not tell.
    var isAmbiguous = false
    /// The order this text proves, when it is one of the numeric forms with slashes or dashes.
    var provenOrder: DateOrder?

    /// The ISO 8601 form.
    var text: String {
        func pad(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
        return time.map { "\(date)T\($0)" } ?? date
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar.
    var dayNumber: Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Nil unless the three numbers are a day of the calendar between 1900 and 2199.
    init?(year: Int, month: Int, day: Int) {
        let lengths =
            [31, year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28, 31, 30, 31, 30]
            + [31, 31, 30, 31, 30, 31]
        guard (1900...2199).contains(year), (1...12).contains(month), day >= 1, day <= lengths[month - 1] else {
            return nil
        }
        self.year = year
        self.month = month
        self.day = day
    }
}

enum DateFormat {
    static func validate(_ text: String) -> FormatResult {
        guard let date = parse(text, order: nil) else { return .invalid("is no date in a known form") }
        return .valid(date.text, note: date.isAmbiguous ? "day and month could be swapped; read as day first" : nil)
    }

    /// Reads `text`; `order` settles what would be ambiguous. Without it an ambiguous date is read day first.
    static func parse(_ text: String, order: DateOrder?) -> ParsedDate? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 6, bytes.count <= 40, let first = bytes.first, first.isAlphanumeric else { return nil }
        guard bytes.contains(where: \.isDigit) else { return nil }
        if let named = MonthNameDate.parse(text) { return named }
        let dateEnd = bytes.firstIndex { !$0.isDigit && $0 != 0x2D && $0 != 0x2E && $0 != 0x2F } ?? bytes.count
        guard var date = numeric(bytes[..<dateEnd], order: order) else { return nil }
        if dateEnd < bytes.count {
            guard bytes[dateEnd] == 0x20 || bytes[dateEnd].lowered == 0x74,
                let time = TimeOfDay.parse(bytes[(dateEnd + 1)...])
            else { return nil }
            date.time = time
        }
        return date
    }

    private static func numeric(_ bytes: ArraySlice<UInt8>, order: DateOrder?) -> ParsedDate? {
        guard let separator = bytes.first(where: { !$0.isDigit }) else { return basic(bytes) }
        let parts = bytes.split(separator: separator, omittingEmptySubsequences: false)
        let numbers = parts.compactMap { $0.count <= 4 ? $0.decimalValue : nil }
        guard parts.count == 3, numbers.count == 3 else { return nil }
        if parts[0].count == 4 { return ParsedDate(year: numbers[0], month: numbers[1], day: numbers[2]) }
        guard parts[0].count <= 2, parts[1].count <= 2, parts[2].count == 4 || parts[2].count == 2 else { return nil }
        let year = parts[2].count == 4 ? numbers[2] : numbers[2] + (numbers[2] < 70 ? 2000 : 1900)
        let dayFirst = ParsedDate(year: year, month: numbers[1], day: numbers[0])
        // The dotted form is the German one (DIN 5008) and always day first.
        if separator == 0x2E { return dayFirst }
        let monthFirst = ParsedDate(year: year, month: numbers[0], day: numbers[1])
        guard var date = order == .monthFirst ? monthFirst ?? dayFirst : dayFirst ?? monthFirst else { return nil }
        let isOpen = dayFirst != nil && monthFirst != nil && numbers[0] != numbers[1]
        date.isAmbiguous = isOpen && order == nil
        if !isOpen, numbers[0] != numbers[1] { date.provenOrder = dayFirst == nil ? .monthFirst : .dayFirst }
        return date
    }

    /// ISO 8601 basic form `YYYYMMDD`.
    private static func basic(_ digits: ArraySlice<UInt8>) -> ParsedDate? {
        guard digits.count == 8, let value = digits.decimalValue else { return nil }
        guard (1970...2100).contains(value / 10_000) else { return nil }
        return ParsedDate(year: value / 10_000, month: value / 100 % 100, day: value % 100)
    }
}

/// `14:05`, `14:05:33.120`, `2:05 PM`, with an optional zone `Z`, `+01:00`, `+0100`.
enum TimeOfDay {
    static func parse(_ bytes: ArraySlice<UInt8>) -> String? {
        let clockEnd = bytes.firstIndex { !$0.isDigit && $0 != 0x3A && $0 != 0x2E } ?? bytes.endIndex
        let fields = bytes[..<clockEnd].split(separator: 0x3A, omittingEmptySubsequences: false)
        guard fields.count == 2 || fields.count == 3 else { return nil }
        let whole = fields.map { $0.split(separator: 0x2E, omittingEmptySubsequences: false)[0] }
        let numbers = whole.compactMap { $0.count <= 2 ? $0.decimalValue : nil }
        guard numbers.count == fields.count, numbers[1] < 60, numbers.count == 2 || numbers[2] < 61 else { return nil }
        var hour = numbers[0]
        let rest = bytes[clockEnd...].drop { $0 == 0x20 }
        var zone = rest.text.uppercased()
        if zone == "AM" || zone == "PM" {
            guard (1...12).contains(hour) else { return nil }
            hour = hour % 12 + (zone == "PM" ? 12 : 0)
            zone = ""
        }
        guard hour < 24, isZone(zone) else { return nil }
        let parts = [hour, numbers[1], numbers.count == 3 ? numbers[2] : 0]
        let digits = parts.map { $0 < 10 ? "0\($0)" : "\($0)" }
        return digits.joined(separator: ":") + (zone == "UTC" ? "Z" : zone)
    }

    private static func isZone(_ zone: String) -> Bool {
        if zone.isEmpty || zone == "Z" || zone == "UTC" { return true }
        guard zone.hasPrefix("+") || zone.hasPrefix("-") else { return false }
        let digits = zone.utf8.dropFirst().filter { $0 != 0x3A }
        return digits.count == 4 && digits.allSatisfy(\.isDigit) && zone.utf8.count <= 6
    }
}

/// `12 March 2023`, `12. März 2023`, `12-Mar-23`, `Mar 12, 2023`.
enum MonthNameDate {
    private static let months: [String: Int] = [
        "jan": 1, "january": 1, "januar": 1, "jaenner": 1, "feb": 2, "february": 2, "februar": 2,
        "mar": 3, "march": 3, "maerz": 3, "mrz": 3, "apr": 4, "april": 4, "may": 5, "mai": 5,
        "jun": 6, "june": 6, "juni": 6, "jul": 7, "july": 7, "juli": 7, "aug": 8, "august": 8,
        "sep": 9, "sept": 9, "september": 9, "oct": 10, "october": 10, "okt": 10, "oktober": 10,
        "nov": 11, "november": 11, "dec": 12, "december": 12, "dez": 12, "dezember": 12,
    ]

    static func parse(_ text: String) -> ParsedDate? {
        // Cheap refusals first: this is asked for every value that holds a digit.
        let letters = text.utf8.count { $0.isLetter }
        guard letters >= 2, letters <= 9, text.utf8.count <= 20, text.utf8.last?.isDigit == true else { return nil }
        let words = text.folded.utf8
            .split { $0 == 0x20 || $0 == 0x2D || $0 == 0x2E || $0 == 0x2C || $0 == 0x2F }
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 3, let year = words[2].utf8.decimalValue,
            words[2].utf8.count == 4 || words[2].utf8.count == 2
        else { return nil }
        let fullYear = words[2].utf8.count == 4 ? year : year + (year < 70 ? 2000 : 1900)
        if let month = months[words[1]], let day = words[0].utf8.decimalValue {
            return ParsedDate(year: fullYear, month: month, day: day)
        }
        if let month = months[words[0]], let day = words[1].utf8.decimalValue {
            return ParsedDate(year: fullYear, month: month, day: day)
        }
        return nil
    }
}
