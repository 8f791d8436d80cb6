// Whether the first row names the columns, and what the columns are called then.

/// Decides about the first row and makes column names usable as keys.
struct CSVHeader {
    let hasHeader: Bool
    let names: [String]

    init(rows: [[String]], option: CSVOptions.Header) {
        guard let first = rows.first else {
            hasHeader = option == .present
            names = []
            return
        }
        hasHeader =
            switch option {
            case .present: true
            case .absent: false
            case .detect: Self.looksLikeHeader(first, data: rows.dropFirst())
            }
        names = hasHeader ? Self.unique(first) : Self.unique(first.map { _ in "" })
    }

    /// Every name non-empty, bounded and different from all others (also in other case): `name`, `name_2`, ….
    static func unique(_ raw: [String]) -> [String] {
        var used: Set<String> = []
        let trimmed = raw.map { $0.whitespaceCollapsed.cut(to: DiscoveryLimits.nameCharacters) }
        var taken = Set(trimmed.map { $0.lowercased() })
        return trimmed.enumerated().map { index, name in
            let base = name.isEmpty ? "column_\(index + 1)" : name
            if used.insert(base.lowercased()).inserted { return base }
            var suffix = 2
            while taken.contains("\(base)_\(suffix)".lowercased()) { suffix += 1 }
            let unique = "\(base)_\(suffix)"
            taken.insert(unique.lowercased())
            used.insert(unique.lowercased())
            return unique
        }
    }

    private static let dataFormats: ValueFormatSet = [.ipv4, .ipv6, .mac, .email, .date, .uuid, .url, .integer]

    private static func looksLikeHeader(_ first: [String], data: ArraySlice<[String]>) -> Bool {
        let cells = first.map(\.whitespaceCollapsed)
        if cells.allSatisfy(\.isEmpty) { return false }
        let known = cells.filter { AttributeLexicon.isKnownName($0) }.count
        if known * 3 >= cells.count { return true }
        let typed = cells.filter { !ValueFormatSet(of: $0).isDisjoint(with: dataFormats) }.count
        if typed > 0 { return known > typed }
        // A name does not come back as a value of its own column.
        for (index, cell) in cells.enumerated() where !cell.isEmpty {
            if data.contains(where: { index < $0.count && $0[index].whitespaceCollapsed == cell }) { return known > 0 }
        }
        return true
    }
}
