public import Foundation

/// Other projects' public test data, which lies beside the repository and is absent from clones made elsewhere.
public enum SharedVectors {
    /// `../shared/vectors` seen from the repository, or nil.
    public static let folder: URL? = {
        var place = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        while place.path != "/" {
            place.deleteLastPathComponent()
            let candidate = place.appendingPathComponent("shared/vectors")
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        }
        return nil
    }()

    /// Whether the data is there; suites that need it are skipped where it is not.
    public static var arePresent: Bool { folder != nil }

    /// The content of one file.
    public static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: try place(of: path)))
    }

    /// The JSON files of a folder whose names begin with `prefix`, sorted.
    public static func names(in path: String, prefix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: try place(of: path).path)
            .filter { $0.hasPrefix(prefix) && $0.hasSuffix(".json") }
            .sorted()
    }

    private static func place(of path: String) throws -> URL {
        guard let folder else { throw CocoaError(.fileNoSuchFile) }
        return folder.appendingPathComponent(path)
    }
}
