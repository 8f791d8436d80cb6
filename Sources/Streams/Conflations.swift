import Domain

/// What follows a position, folded: worked out once for all who stand there, while nothing new has come.
struct Conflations {
    private let limits: StreamLog.Limits
    private var end: Position?
    private var folded: [Int64: [StreamEntry]] = [:]
    private var bytes = 0

    init(limits: StreamLog.Limits) {
        self.limits = limits
    }

    /// These entries, which follow a position, folded.
    ///
    /// Whoever stands behind somebody else needs what is between the two folded with what the other one got.
    mutating func folding(_ entries: [StreamEntry], after seq: Int64) -> [StreamEntry] {
        guard entries.count > 1, let last = entries.last?.position else { return entries }
        if end != last {
            end = last
            forget()
        }
        if let known = folded[seq] { return known }
        let result: [StreamEntry]
        if let next = folded.keys.filter({ $0 > seq }).min(), let rest = folded[next] {
            result = Conflation.conflate(entries.prefix(Int(next - seq)) + rest)
        } else {
            result = Conflation.conflate(entries)
        }
        bytes += result.reduce(0) { $0 + $1.byteCount }
        if folded.count >= limits.conflations || bytes > limits.bytes { forget() }
        folded[seq] = result
        return result
    }

    private mutating func forget() {
        folded = [:]
        bytes = 0
    }
}
