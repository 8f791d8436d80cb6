/// Sizes and durations as people write them.
enum Quantity {
    private static let sizeUnits = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
    private static let durationUnits = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]

    /// The number of bytes in `65536`, `64KiB`, `100 MiB`; nil for anything else.
    static func size(parsing text: String) -> Int? { parse(text, units: sizeUnits + [("B", 1)]) }

    /// The number of seconds in `90`, `90s`, `15m`, `12h`, `7d`; nil for anything else.
    static func duration(parsing text: String) -> Int? { parse(text, units: durationUnits) }

    /// The shortest exact way to write a number of bytes.
    static func size(_ bytes: Int) -> String { write(bytes, units: sizeUnits) }

    /// The shortest exact way to write a number of seconds.
    static func duration(_ seconds: Int) -> String { write(seconds, units: durationUnits) }

    private static func parse(_ text: String, units: [(name: String, factor: Int)]) -> Int? {
        for unit in units where text.hasSuffix(unit.name) {
            guard let number = Int(text.dropLast(unit.name.count).trimmingSuffix(" ")) else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: unit.factor)
            return overflow ? nil : product
        }
        return Int(text)
    }

    private static func write(_ value: Int, units: [(name: String, factor: Int)]) -> String {
        for unit in units where value != 0 && value.isMultiple(of: unit.factor) {
            return "\(value / unit.factor)\(unit.name)"
        }
        return String(value)
    }
}

extension Substring {
    fileprivate func trimmingSuffix(_ character: Character) -> Substring {
        var text = self
        while text.last == character { text.removeLast() }
        return text
    }
}
