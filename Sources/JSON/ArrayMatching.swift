/// How the elements of one array become those of another.
struct ArrayScript {
    /// One step; indices count in the array as the steps before have left it, unless they say otherwise.
    enum Step: Equatable {
        /// Takes out the element at the index.
        case remove(at: Int)
        /// Puts an element of the new array at the index.
        case insert(at: Int, newIndex: Int)
        /// Takes an element out and puts it at the index it then has.
        case move(from: Int, to: Int)
        /// Turns an element of the old array, now at the index, into one of the new array.
        case change(at: Int, oldIndex: Int, newIndex: Int)
    }

    var steps: [Step] = []

    /// The same steps for arrays that have so many more elements in front.
    func shifted(by count: Int) -> ArrayScript {
        ArrayScript(
            steps: steps.map { step in
                switch step {
                case .remove(let index): .remove(at: index + count)
                case .insert(let index, let newIndex): .insert(at: index + count, newIndex: newIndex + count)
                case .move(let from, let to): .move(from: from + count, to: to + count)
                case .change(let index, let oldIndex, let newIndex):
                    .change(at: index + count, oldIndex: oldIndex + count, newIndex: newIndex + count)
                }
            }
        )
    }
}

/// Finds which elements of two arrays belong together.
enum ArrayMatching {
    static func script(from old: ChunkedArray<JSON>, to new: ChunkedArray<JSON>) -> ArrayScript {
        let prefix = old.countOfEqualFirst(with: new)
        let suffix = old.countOfEqualLast(with: new, limit: min(old.count, new.count) - prefix)
        let oldMiddle = Array(old[prefix..<(old.count - suffix)])
        let newMiddle = Array(new[prefix..<(new.count - suffix)])
        return script(from: oldMiddle, to: newMiddle).shifted(by: prefix)
    }

    private static func script(from old: [JSON], to new: [JSON]) -> ArrayScript {
        if old.isEmpty || new.isEmpty { return ArrayScript(matches: [], old: old.indices, new: new.indices) }
        if let identities = ElementIdentities(old, new) {
            if identities.keepsOrder {
                return ArrayScript(matches: identities.matches, old: old.indices, new: new.indices)
            }
            if let script = ArrayScript(reordering: identities, old: old.indices, new: new.indices) { return script }
        }
        return ArrayScript(matches: CommonSubsequence.matches(old, new), old: old.indices, new: new.indices)
    }
}

/// An element of the old array and its partner in the new one.
struct ElementMatch: Equatable {
    let old: Int
    let new: Int
}

extension ArrayScript {
    /// The script for matches that rise in both arrays. Elements without a partner between two matches are paired in
    /// order, since a change often is shorter than a removal and an insertion; the rest is removed or inserted.
    init(matches: [ElementMatch], old: Range<Int>, new: Range<Int>) {
        var (oldIndex, newIndex) = (old.lowerBound, new.lowerBound)
        var place = old.lowerBound
        for match in matches + [ElementMatch(old: old.upperBound, new: new.upperBound)] {
            while oldIndex < match.old, newIndex < match.new {
                steps.append(.change(at: place, oldIndex: oldIndex, newIndex: newIndex))
                oldIndex += 1
                newIndex += 1
                place += 1
            }
            while oldIndex < match.old {
                steps.append(.remove(at: place))
                oldIndex += 1
            }
            while newIndex < match.new {
                steps.append(.insert(at: place, newIndex: newIndex))
                newIndex += 1
                place += 1
            }
            if match.old < old.upperBound {
                // Matches of the subsequence search are equal by hash only, so they are compared like the others.
                steps.append(.change(at: place, oldIndex: oldIndex, newIndex: newIndex))
                oldIndex += 1
                newIndex += 1
                place += 1
            }
        }
    }
}
