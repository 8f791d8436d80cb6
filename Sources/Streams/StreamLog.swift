import DequeModule
import Domain

/// The latest entries of one stream, without a gap: what subscribers are served from while they keep up.
///
/// What is older, or was never heard of here, is in the database.
package struct StreamLog {
    /// What a log holds at most; the newest entry stays however large it is.
    package struct Limits: Sendable {
        let entries: Int
        /// Of JSON text; as much again for folded forms.
        let bytes: Int
        /// Positions for which folded forms are kept.
        let conflations: Int

        /// Limits that let a subscriber fall some seconds behind a busy stream.
        package init(entries: Int = 1024, bytes: Int = 256 << 10, conflations: Int = 64) {
            self.entries = entries
            self.bytes = bytes
            self.conflations = conflations
        }
    }

    private let limits: Limits
    /// The position of the last entry; nil while it is not known where the log begins.
    private(set) var end: Position?
    private var entries: Deque<StreamEntry> = []
    private var bytes = 0
    /// Entries that came before those they follow: two commits of one process may be told in either order.
    private var early: [Int64: StreamEntry] = [:]
    private var earlyBytes = 0

    init(limits: Limits) {
        self.limits = limits
    }

    /// Says that everything after this position will be told. Known better already, unless the log is of another epoch.
    mutating func anchor(at position: Position) {
        guard end?.epoch != position.epoch else { return }
        let early = self.early
        self = StreamLog(limits: limits)
        end = position
        take(early.values)
    }

    /// What follows the last entry is gone: where the log begins is not known again.
    mutating func forget() {
        entries = []
        bytes = 0
        end = nil
    }

    /// Takes entries in any order, known or new.
    mutating func take(_ new: some Sequence<StreamEntry>) {
        for entry in new where entry.position.seq > end?.seq ?? -1 {
            earlyBytes += entry.byteCount - (early[entry.position.seq]?.byteCount ?? 0)
            early[entry.position.seq] = entry
        }
        settle()
        // Entries whose forerunners never come (they were committed elsewhere) are read with those from the database.
        if early.count > limits.entries || earlyBytes > limits.bytes {
            early = [:]
            earlyBytes = 0
        }
    }

    /// The entries after a position; nil when the log does not reach back so far, or does not know.
    func entries(after position: Position) -> [StreamEntry]? {
        guard let end, end.epoch == position.epoch else { return nil }
        let behind = end.seq - position.seq
        guard behind >= 0, behind <= entries.count else { return nil }
        return Array(entries.suffix(Int(behind)))
    }

    private mutating func settle() {
        while let end, let entry = early[end.seq + 1], entry.position.epoch == end.epoch {
            early[end.seq + 1] = nil
            earlyBytes -= entry.byteCount
            entries.append(entry)
            bytes += entry.byteCount
            self.end = entry.position
        }
        trim()
    }

    private mutating func trim() {
        while entries.count > 1, entries.count > limits.entries || bytes > limits.bytes {
            bytes -= entries.removeFirst().byteCount
        }
    }
}
