/// A line of the report.
struct Row {
    private let name: String
    private let times: (ours: Double, theirs: Double)

    static let header =
        pad("work", 26) + pad("ours µs", 12) + pad("beside µs", 12) + pad("ratio", 9) + "beside"

    init(_ name: String, _ times: (ours: Double, theirs: Double)) {
        self.name = name
        self.times = times
    }

    func show(_ other: String) {
        print(
            Self.pad(name, 26) + Self.pad(Self.number(times.ours / 1000), 12)
                + Self.pad(Self.number(times.theirs / 1000), 12) + Self.pad(Self.number(times.ours / times.theirs), 9)
                + other
        )
    }

    private static func number(_ value: Double) -> String { String(Double(Int(value * 100)) / 100) }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
