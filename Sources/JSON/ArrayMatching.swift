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
}

/// Finds which elements of two arrays belong together.
enum ArrayMatching {
    static func script(from old: [JSON], to new: [JSON]) -> ArrayScript {
        let shorter = min(old.count, new.count)
        let prefix = old.countOfEqual(with: new, fromEnd: false, limit: shorter)
        let suffix = old.countOfEqual(with: new, fromEnd: true, limit: shorter - prefix)
        let oldMiddle = old[prefix..<(old.count - suffix)]
        let newMiddle = new[prefix..<(new.count - suffix)]

        if oldMiddle.isEmpty || newMiddle.isEmpty || haveSamePlaces(oldMiddle, newMiddle) {
            return ArrayScript(matches: [], old: oldMiddle.indices, new: newMiddle.indices)
        }
        if let identities = ElementIdentities(oldMiddle, newMiddle) {
            if identities.keepsOrder {
                return ArrayScript(matches: identities.matches, old: oldMiddle.indices, new: newMiddle.indices)
            }
            if let script = ArrayScript(reordering: identities, old: oldMiddle.indices, new: newMiddle.indices) {
                return script
            }
        }
        let matches = CommonSubsequence.matches(oldMiddle, newMiddle)
        return ArrayScript(matches: matches, old: oldMiddle.indices, new: newMiddle.indices)
    }

    /// Whether each element is the later version of the one in its place: the only one, or the one with its `id`.
    private static func haveSamePlaces(_ old: ArraySlice<JSON>, _ new: ArraySlice<JSON>) -> Bool {
        guard old.count == new.count else { return false }
        return old.count == 1 || zip(old, new).allSatisfy { $0["id"] != nil && $0["id"] == $1["id"] }
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
