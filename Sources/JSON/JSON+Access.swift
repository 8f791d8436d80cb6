extension JSON {
    /// An integer.
    public init(_ value: Int) {
        self = .number(JSONNumber(value))
    }

    /// A number; `nil` when the double is infinite or not a number, which JSON cannot express.
    public init?(_ value: Double) {
        guard let number = JSONNumber(value) else { return nil }
        self = .number(number)
    }

    /// A string.
    public init(_ value: String) {
        self = .string(value)
    }

    /// `true` or `false`.
    public init(_ value: Bool) {
        self = .bool(value)
    }

    /// The value when it is a string.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The value when it is an integer of 64 bits, however it was written (`1`, `1.0`).
    public var int: Int? {
        if case .number(let value) = self { value.int } else { nil }
    }

    /// The nearest double when it is a number; infinite when the number is beyond the range of doubles.
    public var double: Double? {
        if case .number(let value) = self { value.double } else { nil }
    }

    /// The value when it is `true` or `false`.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements when it is an array; see ``JSONArray/flattened``.
    public var array: [JSON]? {
        if case .array(let value) = self { value.flattened } else { nil }
    }

    /// The members when it is an object.
    public var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// Whether it is an array or an object.
    public var isContainer: Bool {
        switch self {
        case .array, .object: true
        case .null, .bool, .number, .string: false
        }
    }

    /// Whether it is `null`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The member of this name; `nil` unless the value is an object that has it.
    public subscript(_ key: String) -> JSON? {
        if case .object(let value) = self { value[key] } else { nil }
    }

    /// The element at this index; `nil` unless the value is an array that has it.
    public subscript(_ index: Int) -> JSON? {
        if case .array(let value) = self, value.indices.contains(index) { value[index] } else { nil }
    }
}
