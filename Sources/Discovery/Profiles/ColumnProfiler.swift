// The running profile of one column. Frequent values are remembered with their verdicts, so that a column of a few
// distinct values costs one dictionary look-up per row.

/// Accumulates a ``ColumnProfile`` and the column's personal data.
struct ColumnProfiler {
    private struct Verdict {
        var count = 1
        let formats: ValueFormatSet
        let kinds: [PIIKind]
    }

    private let name: String
    private let index: Int
    private let trackedValues: Int
    private let hint: PIIColumnHint
    private let scanner = PIIScanner()

    private var count = 0
    private var empty = 0
    private var minLength = Int.max
    private var maxLength = 0
    private var tracked: [String: Verdict] = [:]
    private var overflow = HyperLogLog()
    private var isOverflowing = false
    private var formatCounts = Array(repeating: 0, count: ValueFormat.allCases.count)
    private var samples: [String] = []
    private var piiCounts: [PIIKind: Int] = [:]
    private var piiSamples: [PIIKind: [String]] = [:]
    private var orders: Set<DateOrder> = []

    /// Longest value kept in memory to be recognised again, in bytes.
    private static let trackedBytes = 128

    init(name: String, index: Int, trackedValues: Int) {
        self.name = name
        self.index = index
        self.trackedValues = trackedValues
        hint = PIIColumnHint(columnName: name)
    }

    mutating func add(_ raw: String) {
        count += 1
        let value = raw.isWhitespaceCollapsed ? raw : raw.whitespaceCollapsed
        if value.isEmpty {
            empty += 1
            return
        }
        let length = value.utf8.count < 16 ? value.utf8.count(where: { $0 & 0xC0 != 0x80 }) : value.unicodeScalars.count
        minLength = min(minLength, length)
        maxLength = max(maxLength, length)
        if let verdict = tracked[value] {
            tracked[value]?.count += 1
            record(value, verdict.formats, verdict.kinds, isNew: false)
            return
        }
        let formats = ValueFormatSet(of: value)
        var kinds: [PIIKind] = []
        for match in scanner.scan(value, hint: hint) where !kinds.contains(match.kind) { kinds.append(match.kind) }
        if tracked.count < trackedValues, value.utf8.count <= Self.trackedBytes {
            tracked[value] = Verdict(formats: formats, kinds: kinds)
        } else {
            isOverflowing = true
            overflow.insert(value.utf8)
        }
        record(value, formats, kinds, isNew: true)
    }

    private mutating func record(_ value: String, _ formats: ValueFormatSet, _ kinds: [PIIKind], isNew: Bool) {
        var bits = formats.rawValue
        while bits != 0 {
            formatCounts[bits.trailingZeroBitCount] += 1
            bits &= bits - 1
        }
        for kind in kinds { piiCounts[kind, default: 0] += 1 }
        guard isNew else { return }
        if formats.contains(.date), let order = DateFormat.parse(value, order: nil)?.provenOrder {
            orders.insert(order)
        }
        if samples.count < DiscoveryLimits.samples {
            let sample = scanner.masked(value, hint: hint)
            if !samples.contains(sample) { samples.append(sample) }
        }
        for kind in kinds where piiSamples[kind, default: []].count < DiscoveryLimits.samples {
            let sample = scanner.masked(value, hint: hint)
            if !piiSamples[kind, default: []].contains(sample) { piiSamples[kind, default: []].append(sample) }
        }
    }

    var profile: ColumnProfile {
        let formats = ValueFormat.allCases.enumerated()
            .filter { formatCounts[$0.offset] > 0 }
            .sorted { (-formatCounts[$0.offset], $0.offset) < (-formatCounts[$1.offset], $1.offset) }
            .map { FormatCount(format: $0.element, count: formatCounts[$0.offset]) }
        let top = tracked.sorted { (-$0.value.count, $0.key) < (-$1.value.count, $1.key) }
            .prefix(DiscoveryLimits.topValues)
            .map { ValueCount(value: scanner.masked($0.key, hint: hint), count: $0.value.count) }
        return ColumnProfile(
            name: name,
            index: index,
            count: count,
            empty: empty,
            distinct: tracked.count + overflow.estimate,
            distinctIsExact: !isOverflowing,
            minLength: minLength == .max ? 0 : minLength,
            maxLength: maxLength,
            formats: formats,
            topValues: top,
            samples: samples,
            dateOrder: orders.count == 1 ? orders.first : nil
        )
    }

    var findings: [PIIFinding] {
        PIIKind.allCases.compactMap { kind in
            piiCounts[kind].map {
                PIIFinding(column: name, kind: kind, count: $0, samples: piiSamples[kind] ?? [])
            }
        }
    }
}
