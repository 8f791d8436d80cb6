/// Says when progress is worth a commit: each time a hundredth more is done, and at most four times a second.
struct ProgressMeter {
    private let label: String
    private let total: Int
    private var lastDone = 0
    private var lastTime = ContinuousClock.now

    private static let interval = Duration.milliseconds(250)

    init(_ label: String, total: Int) {
        self.label = label
        self.total = total
    }

    /// The progress to show, nil when it is too early to show more.
    mutating func advanced(to done: Int, rows: Int) -> Progress? {
        let now = ContinuousClock.now
        guard done - lastDone >= total / 100, now - lastTime >= Self.interval else { return nil }
        lastDone = done
        lastTime = now
        return Progress(label: label, done: done, total: total, unit: "bytes", rows: rows)
    }

    /// The progress when all is done.
    func finished(rows: Int) -> Progress {
        Progress(label: label, done: total, total: total, unit: "bytes", rows: rows)
    }
}
