/// The elements of two arrays matched by their `id` members.
struct ElementIdentities {
    /// Partners, in the order of the old array.
    let matches: [ElementMatch]
    /// Whether the partners come in the same order in both arrays.
    let keepsOrder: Bool

    /// `nil` unless every element of both is an object whose `id` is a string or a number that no other has, and
    /// some element has a partner.
    init?(_ old: [JSON], _ new: [JSON]) {
        guard let oldIndices = Self.indexByID(old), let newIndices = Self.indexByID(new) else { return nil }
        matches = oldIndices.compactMap { id, oldIndex in newIndices[id].map { ElementMatch(old: oldIndex, new: $0) } }
            .sorted { $0.old < $1.old }
        guard !matches.isEmpty else { return nil }
        keepsOrder = zip(matches, matches.dropFirst()).allSatisfy { $0.new < $1.new }
    }

    private static func indexByID(_ elements: [JSON]) -> [JSON: Int]? {
        var indices: [JSON: Int] = [:]
        for index in elements.indices {
            switch elements[index]["id"] {
            case .some(let id) where id.string != nil || id.double != nil:
                guard indices.updateValue(index, forKey: id) == nil else { return nil }
            default:
                return nil
            }
        }
        return indices
    }
}

extension ArrayScript {
    /// Finding places in the array costs up to its length per element that moves or enters; beyond this the script is
    /// not worth its time.
    private static let maxReorderWork = 4_000_000

    /// The script for partners that changed their order: the longest run in order stays where it is, the others move.
    init?(reordering identities: ElementIdentities, old: Range<Int>, new: Range<Int>) {
        let matches = identities.matches
        let stayers = Set(longestRising(matches.map(\.new)).map { matches[$0].new })
        guard (new.count - stayers.count) * max(old.count, new.count) <= Self.maxReorderWork else { return nil }

        let kept = Set(matches.map(\.old))
        for index in old.reversed() where !kept.contains(index) { steps.append(.remove(at: index)) }

        // What stands in the array now, as indices of the new one. Every element that moves or enters is put right
        // behind its predecessor, so that everything already handled is in its final order.
        var standing = matches.map(\.new)
        let known = Set(standing)
        for newIndex in new where !stayers.contains(newIndex) {
            var source: Int?
            if known.contains(newIndex) {
                source = standing.firstIndex(of: newIndex)
                if let source { standing.remove(at: source) }
            }
            let place = newIndex == new.lowerBound ? 0 : (standing.firstIndex(of: newIndex - 1) ?? -1) + 1
            standing.insert(newIndex, at: place)
            if let source {
                if source != place { steps.append(.move(from: old.lowerBound + source, to: old.lowerBound + place)) }
            } else {
                steps.append(.insert(at: old.lowerBound + place, newIndex: newIndex))
            }
        }
        for match in matches {
            steps.append(.change(at: match.new, oldIndex: match.old, newIndex: match.new))
        }
    }
}

/// The positions of a longest strictly rising subsequence, in O(n log n) (patience sorting).
private func longestRising(_ values: [Int]) -> [Int] {
    var tails: [Int] = []
    var previous = [Int?](repeating: nil, count: values.count)
    for position in values.indices {
        var (low, high) = (0, tails.count)
        while low < high {
            let middle = (low + high) / 2
            if values[tails[middle]] < values[position] { low = middle + 1 } else { high = middle }
        }
        if low > 0 { previous[position] = tails[low - 1] }
        if low == tails.count { tails.append(position) } else { tails[low] = position }
    }
    var result: [Int] = []
    var next = tails.last
    while let position = next {
        result.append(position)
        next = previous[position]
    }
    return result.reversed()
}
