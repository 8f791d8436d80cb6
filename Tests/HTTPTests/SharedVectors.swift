import Foundation

/// Other projects' public test data, kept beside the repository and absent from clones made elsewhere.
enum SharedVectors {
    /// `../shared/vectors/http` seen from the repository, or nil.
    static let httpFolder: URL? = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("shared/vectors/http")
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
            folder.deleteLastPathComponent()
        }
        return nil
    }()
}

/// One public request vector.
struct HTTPVector: Decodable {
    let name: String
    let base64: String
    let expect: String
    let responses: Int?

    private enum CodingKeys: String, CodingKey {
        case name
        case base64 = "raw_b64"
        case expect
        case responses
    }

    var bytes: [UInt8]? { Data(base64Encoded: base64).map(Array.init) }

    static func load(_ file: String) throws -> [HTTPVector] {
        guard let folder = SharedVectors.httpFolder else { return [] }
        let data = try Data(contentsOf: folder.appendingPathComponent(file + ".json"))
        return try JSONDecoder().decode([HTTPVector].self, from: data)
    }
}
