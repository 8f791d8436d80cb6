import Foundation

/// Small text files that may be missing or broken.
enum TextFile {
    /// The lines that are not empty; none when the file cannot be read.
    static func lines(_ path: String) -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
