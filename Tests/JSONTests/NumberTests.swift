import JSON
import PropertySupport
import Testing

struct NumberTests {
    @Test(arguments: [
        ("0", "0"), ("-0", "-0"), ("-0.0", "-0"), ("1.0", "1"), ("1e2", "100"), ("1.50", "1.5"), ("1E+2", "100"),
        ("100e-2", "1"), ("0.1", "0.1"), ("123456789012345.6", "123456789012345.6"),
        ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "9223372036854775808"), ("18446744073709551615", "18446744073709551615"),
        ("0.10000000000000000001", "0.10000000000000000001"), ("1e400", "1e+400"), ("-1e-400", "-1e-400"),
        ("0e999999999999", "0"), ("0.000001", "0.000001"), ("0.0000001", "1e-7"), ("1e20", "100000000000000000000"),
        ("1e21", "1e+21"), ("1234567890123456789012345", "1.234567890123456789012345e+24"), ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"), ("9007199254740993", "9007199254740993"),
        ("999999999999999999", "999999999999999999"), ("1000000000000000000", "1000000000000000000"),
        ("123456789012.123456", "123456789012.123456"), ("-12.5", "-12.5"),
        ("0.30000000000000004", "0.30000000000000004"),
    ])
    func textIsExactAndNormal(text: String, expected: String) throws {
        let number = try #require(JSONNumber(text: text))
        #expect(number.text == expected)
        #expect(try JSON.parse(text).text == expected)
        #expect(JSONNumber(text: expected) == number)
    }

    @Test(arguments: [
        "", "-", "01", "1.", ".5", "+1", "1 ", " 1", "1e", "0x1", "NaN", "Infinity", "1e99999999999", "1,2", "١",
    ])
    func refusesText(text: String) {
        #expect(JSONNumber(text: text) == nil)
    }

    @Test(arguments: [
        ("1", "1.0"), ("100", "1e2"), ("0", "-0"), ("0", "0e5"), ("0.5", "5e-1"), ("1e400", "10e399"),
        ("9223372036854775808", "9223372036854775808.0"), ("1e19", "10000000000000000000"),
    ])
    func equalValuesAreEqualAndHashAlike(left: String, right: String) throws {
        let (left, right) = (try #require(JSONNumber(text: left)), try #require(JSONNumber(text: right)))
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(!(left < right) && !(right < left))
    }

    @Test func differencesBeyondDoublesAreSeen() throws {
        let ascending = [
            "-1e400", "-9223372036854775809", "-9223372036854775808", "-1", "-1e-400", "0", "1e-400", "0.1",
            "0.10000000000000000001", "1", "9007199254740992", "9007199254740993", "9223372036854775807",
            "9223372036854775808", "1e400", "2e400",
        ]
        let numbers = try ascending.map { try #require(JSONNumber(text: $0)) }
        for (left, right) in zip(numbers, numbers.dropFirst()) {
            #expect(left < right)
            #expect(left != right)
        }
        #expect(numbers.shuffled().sorted() == numbers)
    }

    @Test func accessorsAreExactOrNil() throws {
        #expect(JSONNumber(text: "1.0")?.int == 1)
        #expect(JSONNumber(text: "-0.0")?.int == 0)
        #expect(JSONNumber(text: "1.5")?.int == nil)
        #expect(JSONNumber(text: "9223372036854775808")?.int == nil)
        #expect(JSONNumber(text: "9223372036854775808")?.uint64 == 9_223_372_036_854_775_808)
        #expect(JSONNumber(text: "10000000000000000000")?.uint64 == 10_000_000_000_000_000_000)
        #expect(JSONNumber(text: "-1")?.uint64 == nil)
        #expect(JSONNumber(text: "1e400")?.double == .infinity)
        #expect(JSONNumber(text: "1e400")?.isInteger == true)
        #expect(JSONNumber(text: "1e-400")?.isInteger == false)
        #expect(JSONNumber(UInt64.max).text == "18446744073709551615")
        #expect(JSONNumber(Int.min).text == "-9223372036854775808")
        #expect(JSONNumber(Double.nan) == nil && JSONNumber(-Double.infinity) == nil)
        #expect(JSONNumber(0.1) == JSONNumber(text: "0.1"))
        #expect(JSONNumber(3.0) == JSONNumber(3))
        #expect(JSON(Double.nan) == nil)
    }

    @Test(arguments: [
        ("0.07", "0.01", true), ("0.075", "0.01", false), ("4.5", "1.5", true), ("35", "1.5", false),
        ("1e308", "0.5", true),
        ("1e308", "0.123456789", false), ("0", "7", true), ("-9", "3", true), ("12391239123", "1e-8", true),
        ("7", "10", false),
        ("1e-400", "1e-401", true), ("1e-401", "1e-400", false), ("18446744073709551615", "5", true),
        ("340282366920938463463374607431768211456", "999999999999999999", false), ("1e30", "1024", true),
    ])
    func multiplesAreDecimal(value: String, divisor: String, expected: Bool) throws {
        let (value, divisor) = (try #require(JSONNumber(text: value)), try #require(JSONNumber(text: divisor)))
        #expect(value.isMultiple(of: divisor) == expected)
    }

    @Test(arguments: ["0", "-1", "1234567890123456789"])
    func divisorsOutOfRangeGiveNoAnswer(divisor: String) throws {
        #expect(JSONNumber(1).isMultiple(of: try #require(JSONNumber(text: divisor))) == nil)
    }

    @Test(arguments: [21, 22] as [UInt64])
    func everyDoubleSurvivesItsText(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1_500 {
            guard let number = JSONNumber(Double(bitPattern: random.next())) else { continue }
            let parsed = try #require(JSONNumber(text: number.text), "seed \(seed)")
            #expect(parsed == number, "seed \(seed)")
            #expect(parsed.double.bitPattern == number.double.bitPattern, "seed \(seed)")
        }
    }

    @Test(arguments: [23] as [UInt64])
    func shortDecimalsTakeTheNearestDouble(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1_500 {
            let digits = String(UInt64.random(in: 1...999_999_999_999_999, using: &random))
            let point = Int.random(in: 0..<digits.count, using: &random)
            let text = "\(point == 0 ? "0" : digits.prefix(point)).\(digits.dropFirst(point))"
            #expect(try JSON.parse(text).double == Double(text), "seed \(seed): \(text)")
        }
    }
}
