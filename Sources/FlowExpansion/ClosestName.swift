extension String {
    /// The one of `names` that was probably meant; nil when none is near.
    func closest(of names: some Sequence<String>) -> String? {
        let near = names.map { (name: $0, distance: distance(to: $0)) }.min {
            ($0.distance, $0.name) < ($1.distance, $1.name)
        }
        guard let near, near.distance <= max(1, count / 3) else { return nil }
        return near.name
    }

    /// How many characters have to be put in, left out, changed or swapped with their neighbours to make one of the other
    /// (optimal string alignment).
    private func distance(to other: String) -> Int {
        let (left, right) = (Array(self), Array(other))
        var rows = [Array(0...right.count)]
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                var best = Swift.min(rows[i][j] + (left[i] == right[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = Swift.min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
