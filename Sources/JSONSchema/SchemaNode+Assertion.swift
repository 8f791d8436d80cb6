import JSON

extension SchemaNode.Assertion {
    /// What the assertion costs beyond that of applying its subschema: the values it looks at.
    func steps(for value: JSON) -> Int {
        switch (self, value) {
        case (.oneOfValues(let values), _): values.count
        case (.uniqueItems, .array(let elements)): elements.count
        default: 0
        }
    }

    /// The keyword and a sentence when the value breaks the assertion. Values of another type than the keyword is about
    /// are fine (Core §7.6.1).
    func violation(of value: JSON) -> (keyword: String, message: String)? {
        switch self {
        case .type(let types):
            if types.contains(where: { $0.contains(value) }) { return nil }
            return ("type", "The value must be of type \(types.map(\.rawValue).joined(separator: " or ")).")
        case .oneOfValues(let values):
            if values.contains(value) { return nil }
            return ("enum", "The value must be one of \(values.count) given values.")
        case .const(let expected):
            return value == expected ? nil : ("const", "The value must be the one given value.")
        case .minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum, .multipleOf:
            guard case .number(let number) = value else { return nil }
            return violation(of: number)
        case .length(let bound, let countable):
            guard let count = countable.count(in: value), !bound.allows(count) else { return nil }
            return lengthViolation(bound, countable)
        case .uniqueItems:
            guard case .array(let elements) = value, Set(elements).count < elements.count else { return nil }
            return ("uniqueItems", "The elements must all be different.")
        case .required(let names):
            guard case .object(let object) = value else { return nil }
            let missing = names.filter { !object.contains($0) }
            if missing.isEmpty { return nil }
            return ("required", "Missing members: \(missing.map { "\"\($0)\"" }.joined(separator: ", ")).")
        }
    }

    private func violation(of number: JSONNumber) -> (keyword: String, message: String)? {
        switch self {
        case .minimum(let limit) where number < limit:
            ("minimum", "The number must be at least \(limit.text).")
        case .maximum(let limit) where number > limit:
            ("maximum", "The number must be at most \(limit.text).")
        case .exclusiveMinimum(let limit) where number <= limit:
            ("exclusiveMinimum", "The number must be above \(limit.text).")
        case .exclusiveMaximum(let limit) where number >= limit:
            ("exclusiveMaximum", "The number must be below \(limit.text).")
        case .multipleOf(let divisor) where number.isMultiple(of: divisor) != true:
            ("multipleOf", "The number must be a multiple of \(divisor.text).")
        default:
            nil
        }
    }

    private func lengthViolation(
        _ bound: SchemaNode.Bound,
        _ countable: SchemaNode.Countable
    ) -> (keyword: String, message: String) {
        let (name, unit) =
            switch countable {
            case .codePoints: ("Length", "characters")
            case .items: ("Items", "elements")
            case .members: ("Properties", "members")
            }
        switch bound {
        case .atLeast(let limit): return ("min\(name)", "There must be at least \(limit) \(unit).")
        case .atMost(let limit): return ("max\(name)", "There must be at most \(limit) \(unit).")
        }
    }
}
