/// The settings as text: what is in force, and what there is to set.
enum ConfigurationReport {
    /// One line for each setting: key, value (secrets masked), source.
    static func inForce(_ loaded: LoadedConfiguration) -> String {
        Table.aligned(
            Setting.all.map { setting in
                [setting.name, setting.masked(in: loaded.settings), loaded.source(of: setting).description]
            }
        )
    }

    /// The reference in Markdown, kept as docs/CONFIGURATION.md.
    static func reference() -> String {
        let standard = Settings()
        var lines = [
            "# Configuration", "",
            "Flags win over environment variables, those over the YAML file (`--config FILE`, `SIGNALBOX_CONFIG`, or",
            "`signalbox.yaml` in the current folder), the file over the defaults. `signalbox config` shows what is in force.",
            "An unknown key or `SIGNALBOX_…` variable is a warning. `signalbox dev` also reads `PORT` and `DATA_DIR`.",
            "Sizes are written as `65536`, `64KiB`, `100MiB`, `1GiB`; durations as `90s`, `15m`, `12h`, `7d`.", "",
            "| key in the file | flag | environment | default | allowed | meaning |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for setting in Setting.all {
            let cells = [
                "`\(setting.name)`", "`--\(setting.flag)`", "`\(setting.variable)`",
                setting.text(in: standard).map { "`\($0)`" } ?? "", setting.allowed ?? "", setting.summary,
            ]
            lines.append("| \(cells.joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n")
    }
}

/// Rows of text in columns.
enum Table {
    /// Pads all cells but the last of each row to their column's width.
    static func aligned(_ rows: [[String]], indent: String = "") -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            return indent + cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
