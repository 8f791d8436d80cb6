/// A longest common subsequence by Myers' greedy algorithm ("An O(ND) Difference Algorithm", 1986), bounded.
enum CommonSubsequence {
    /// Arrays further apart than this many insertions and removals are not matched. Memory is about the square of it.
    static let maxEdits = 256

    /// Matches in rising order, by hash; empty when the arrays are too different.
    static func matches(_ old: [JSON], _ new: [JSON]) -> [ElementMatch] {
        guard !old.isEmpty, !new.isEmpty else { return [] }
        let (left, right) = (old.map(\.hashValue), new.map(\.hashValue))
        guard let trace = trace(left, right) else { return [] }
        return walkBack(trace, left.count, right.count)
    }

    /// For every number of edits the furthest position in `left` on each diagonal `k = left - right`, stored from
    /// `k = -edits` on. `nil` when the end is not reached within the bound.
    private static func trace(_ left: [Int], _ right: [Int]) -> [[Int]]? {
        var trace: [[Int]] = []
        for edits in 0...min(left.count + right.count, maxEdits) {
            var furthest = [Int](repeating: -1, count: 2 * edits + 1)
            for diagonal in stride(from: -edits, through: edits, by: 2) {
                var position = entry(to: diagonal, edits: edits, before: trace.last).position
                guard position <= left.count, position - diagonal <= right.count else { continue }
                while position < left.count, position - diagonal < right.count,
                    left[position] == right[position - diagonal]
                {
                    position += 1
                }
                furthest[diagonal + edits] = position
                if position == left.count, position - diagonal == right.count {
                    trace.append(furthest)
                    return trace
                }
            }
            trace.append(furthest)
        }
        return nil
    }

    /// Where one more edit enters the diagonal: down from the one above (an insertion) or right from the one below.
    private static func entry(to diagonal: Int, edits: Int, before: [Int]?) -> (position: Int, isInsertion: Bool) {
        guard let before else { return (0, false) }
        let offset = edits - 1
        let above = diagonal + 1 <= offset ? before[diagonal + 1 + offset] : -1
        let below = diagonal - 1 >= -offset ? before[diagonal - 1 + offset] : -1
        let removal = below < 0 ? -1 : below + 1
        if above < 0, removal < 0 { return (.max / 2, false) }
        return above > removal - 1 || removal < 0 ? (above, true) : (removal, false)
    }

    private static func walkBack(_ trace: [[Int]], _ leftCount: Int, _ rightCount: Int) -> [ElementMatch] {
        var matches: [ElementMatch] = []
        var (left, right) = (leftCount, rightCount)
        for edits in trace.indices.reversed() {
            let diagonal = left - right
            let entry = entry(to: diagonal, edits: edits, before: edits > 0 ? trace[edits - 1] : nil)
            while left > entry.position {
                left -= 1
                right -= 1
                matches.append(ElementMatch(old: left, new: right))
            }
            guard edits > 0 else { break }
            if entry.isInsertion { right -= 1 } else { left -= 1 }
        }
        return matches.reversed()
    }
}
