import Foundation
import JSON
import JSONSupport
import Testing

struct CodableTests {
    enum Colour: String, Codable { case red, green }

    enum Shape: Codable, Equatable {
        case point
        case circle(radius: Double)
        case line(Int, Int)
    }

    struct Everything: Codable, Equatable {
        var int = Int.min
        var unsigned = UInt64.max
        var small: Int8 = -128
        var double = 0.1
        var float: Float = 0.1
        var text = "é\u{0}"
        var flag = true
        var absent: Int?
        var present: Int? = 3
        var list = [[1, 2], []]
        var table = ["a": [1.5], "b": []]
        var numbered = [7: "seven"]
        var colour = Colour.green
        var shapes = [Shape.point, .circle(radius: 1.5), .line(1, 2)]
        var optionals: [Int?] = [1, nil]
        var json: JSON = ["x": [.null, 2, ["y": "z"]]]
        var object: JSONObject = ["k": true]
        var number = JSONNumber(UInt64.max)
        var set: Set<Int> = [1]
    }

    @Test func everythingComesBack() throws {
        let value = Everything()
        let json = try JSON(encoding: value)
        #expect(try json.decode(Everything.self) == value)
        #expect(try JSON.parse(json.serialized()).decode() == value)
        #expect(json["int"]?.text == "-9223372036854775808")
        #expect(json["unsigned"]?.text == "18446744073709551615")
        #expect(json["float"]?.text == "0.1")
        #expect(json.object?.contains("absent") == false)
        #expect(json["numbered"] == ["7": "seven"])
        #expect(json["shapes"] == [["point": [:]], ["circle": ["radius": 1.5]], ["line": ["_0": 1, "_1": 2]]])
        #expect(json["optionals"] == [1, .null])
        #expect(json["json"] == value.json)
    }

    @Test func membersKeepTheOrderOfDeclaration() throws {
        struct Pair: Codable { let z: Int; let a: Int }
        #expect(try JSON(encoding: Pair(z: 1, a: 2)).text == #"{"z":1,"a":2}"#)
    }

    @Test func scalarsStandAlone() throws {
        #expect(try JSON(encoding: 5) == 5)
        #expect(try JSON(encoding: String?.none) == .null)
        #expect(try JSON(encoding: [Int]()) == [])
        #expect(try JSON.number(JSONNumber(5)).decode(Int.self) == 5)
        #expect(try JSON.null.decode(Int?.self) == nil)
        #expect(try JSON.parse("1.0").decode(UInt8.self) == 1)
    }

    class Animal: Codable { var name = "cat" }

    final class Dog: Animal {
        var age = 3
        enum CodingKeys: CodingKey { case age }

        override init() { super.init() }

        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            age = try container.decode(Int.self, forKey: .age)
            try super.init(from: container.superDecoder())
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(age, forKey: .age)
            try super.encode(to: container.superEncoder())
        }
    }

    @Test func superclassesHaveTheirPlace() throws {
        let dog = Dog()
        dog.name = "rex"
        let json = try JSON(encoding: dog)
        #expect(json == ["age": 3, "super": ["name": "rex"]])
        #expect(try json.decode(Dog.self).name == "rex")
    }

    struct Nested: Codable, Equatable {
        var values = [1, 2, 3]
        enum Outer: CodingKey { case wrapper }
        enum Inner: CodingKey { case list }

        init() {}

        init(from decoder: any Decoder) throws {
            let outer = try decoder.container(keyedBy: Outer.self)
            var list = try outer.nestedContainer(keyedBy: Inner.self, forKey: .wrapper)
                .nestedUnkeyedContainer(forKey: .list)
            var inner = try list.nestedUnkeyedContainer()
            values = []
            while !inner.isAtEnd { values.append(try inner.decode(Int.self)) }
            let isNull = try list.decodeNil()
            #expect(isNull && list.isAtEnd && list.count == 2)
        }

        func encode(to encoder: any Encoder) throws {
            var outer = encoder.container(keyedBy: Outer.self)
            var inner = outer.nestedContainer(keyedBy: Inner.self, forKey: .wrapper)
            var list = inner.nestedUnkeyedContainer(forKey: .list)
            var numbers = list.nestedUnkeyedContainer()
            for value in values { try numbers.encode(value) }
            try list.encodeNil()
        }
    }

    @Test func nestedContainersMeet() throws {
        let json = try JSON(encoding: Nested())
        #expect(json == ["wrapper": ["list": [[1, 2, 3], .null]]])
        #expect(try json.decode(Nested.self) == Nested())
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func nonFiniteNumbersAreErrors(value: Double) {
        #expect(throws: EncodingError.self) { try JSON(encoding: ["x": value]) }
        #expect(throws: EncodingError.self) { try JSON(encoding: Float(value)) }
    }

    @Test func decodingErrorsNameTheirPlace() throws {
        let error = #expect(throws: DecodingError.self) {
            try (["a": [1, 300]] as JSON).decode([String: [UInt8]].self)
        }
        guard case .dataCorrupted(let context)? = error else {
            Issue.record("expected corrupted data, got \(String(describing: error))")
            return
        }
        #expect(context.codingPath.map(\.stringValue) == ["a", "Index 1"])
        #expect(throws: DecodingError.self) { try JSON.parse("1.5").decode(Int.self) }
        #expect(throws: DecodingError.self) { try JSON.parse("9223372036854775808").decode(Int.self) }
        #expect(throws: DecodingError.self) { try JSON.parse("1e400").decode(Double.self) }
        #expect(throws: DecodingError.self) { try JSON.parse("\"1\"").decode(Int.self) }
        #expect(throws: DecodingError.self) { try JSON.parse("1").decode(Bool.self) }
        #expect(throws: DecodingError.self) { try JSON.parse("null").decode(String.self) }
        #expect(throws: DecodingError.self) { try JSON.parse("{}").decode(Everything.self) }
        #expect(throws: DecodingError.self) { try JSON.parse("\"blue\"").decode(Colour.self) }
    }

    @Test(arguments: [91, 92] as [UInt64])
    func valuesPassThroughAnyCoder(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        for _ in 0..<100 {
            let value = generator.value()
            #expect(try JSON(encoding: value) == value, "seed \(seed)")
            #expect(try JSON(encoding: ["k": value])["k"] == value, "seed \(seed)")
            #expect(try value.decode(JSON.self) == value, "seed \(seed)")
        }
        let plain: JSON = ["a": [1, 2.5, "x", true, .null], "b": [:], "c": []]
        let data = try JSONEncoder().encode(plain)
        #expect(try JSON.parse(Array(data)) == plain)
        #expect(try JSONDecoder().decode(JSON.self, from: data) == plain)
    }
}
