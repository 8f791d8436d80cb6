/// The types that are one JSON scalar, and those that are JSON already.
protocol CodablePrimitive {
    /// The value as JSON; `nil` when JSON cannot express it.
    var jsonValue: JSON? { get }

    /// The value of the JSON; `nil` when it is of another type or not exact.
    init?(jsonValue: JSON)
}

extension Bool: CodablePrimitive {
    var jsonValue: JSON? { .bool(self) }

    init?(jsonValue: JSON) {
        guard let value = jsonValue.bool else { return nil }
        self = value
    }
}

extension String: CodablePrimitive {
    var jsonValue: JSON? { .string(self) }

    init?(jsonValue: JSON) {
        guard let value = jsonValue.string else { return nil }
        self = value
    }
}

extension Double: CodablePrimitive {
    var jsonValue: JSON? { JSON(self) }

    init?(jsonValue: JSON) {
        guard let value = jsonValue.double, value.isFinite else { return nil }
        self = value
    }
}

extension Float: CodablePrimitive {
    // The shortest decimal of the float itself: 0.1 stays 0.1, where widening would print 0.10000000149011612.
    var jsonValue: JSON? { isFinite ? Double(description).flatMap { JSON($0) } : nil }

    init?(jsonValue: JSON) {
        guard case .number(let number) = jsonValue, let value = Float(number.text), value.isFinite else { return nil }
        self = value
    }
}

extension CodablePrimitive where Self: FixedWidthInteger {
    var jsonValue: JSON? {
        if let value = Int(exactly: self) { return JSON(value) }
        return UInt64(exactly: self).map { .number(JSONNumber($0)) }
    }

    init?(jsonValue: JSON) {
        guard case .number(let number) = jsonValue else { return nil }
        if let int = number.int {
            self.init(exactly: int)
        } else if let int = number.uint64 {
            self.init(exactly: int)
        } else {
            return nil
        }
    }
}

extension Int: CodablePrimitive {}
extension Int8: CodablePrimitive {}
extension Int16: CodablePrimitive {}
extension Int32: CodablePrimitive {}
extension Int64: CodablePrimitive {}
extension UInt: CodablePrimitive {}
extension UInt8: CodablePrimitive {}
extension UInt16: CodablePrimitive {}
extension UInt32: CodablePrimitive {}
extension UInt64: CodablePrimitive {}

extension JSON: CodablePrimitive {
    var jsonValue: JSON? { self }

    init?(jsonValue: JSON) {
        self = jsonValue
    }
}

extension JSONObject: CodablePrimitive {
    var jsonValue: JSON? { .object(self) }

    init?(jsonValue: JSON) {
        guard let object = jsonValue.object else { return nil }
        self = object
    }
}

extension JSONNumber: CodablePrimitive {
    var jsonValue: JSON? { .number(self) }

    init?(jsonValue: JSON) {
        guard case .number(let number) = jsonValue else { return nil }
        self = number
    }
}
