import Foundation
import PropertySupport

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
        guard let folder = SharedVectors.folder else { return [] }
        let data = try Data(contentsOf: folder.appendingPathComponent("http/\(file).json"))
        return try JSONDecoder().decode([HTTPVector].self, from: data)
    }
}
