/// Days of the proleptic Gregorian calendar by number, day 0 being 1970-01-01: Howard Hinnant, *chrono-Compatible Low-Level
/// Date Algorithms* (2013), `civil_from_days` and `days_from_civil`.
///
/// Years begin with March here, so that the day a leap year adds is a year's last.
enum CivilDate {
    typealias Parts = (year: Int64, month: Int64, day: Int64)

    /// Days in an era of 400 years.
    private static let daysPerEra: Int64 = 146_097
    /// From 0000-03-01 to 1970-01-01.
    private static let epoch: Int64 = 719_468

    /// The date of a day.
    static func of(day number: Int64) -> Parts {
        let day = number + epoch
        let era = (day >= 0 ? day : day - (daysPerEra - 1)) / daysPerEra
        let dayOfEra = day - era * daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        return (yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth, dayOfMonth)
    }

    /// The number of a date's day; nil for a day that its month does not have.
    static func day(of date: Parts) -> Int64? {
        guard (1...12).contains(date.month), (1...31).contains(date.day) else { return nil }
        let year = date.month <= 2 ? date.year - 1 : date.year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let month = date.month > 2 ? date.month - 3 : date.month + 9
        let dayOfYear = (153 * month + 2) / 5 + date.day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let number = era * daysPerEra + dayOfEra - epoch
        return of(day: number) == date ? number : nil
    }
}
