import Domain
import Flows
import JSON

/// Where the export is: an upload, or the flow's own input.
struct ExportSource: Codable, Sendable {
    /// The largest export that may travel in the input.
    static let maximumInlineBytes = 1 << 20

    let uploadID: String?
    let filename: String
    let bytes: Int

    enum CodingKeys: String, CodingKey {
        case uploadID = "upload_id"
        case filename
        case bytes
    }

    var shown: DiscoveryState.Source { DiscoveryState.Source(filename: filename, bytes: bytes) }

    /// Looks the export up.
    init(input: JSON?, in context: StepContext<DiscoveryState>) async throws {
        if let csv = input?["csv"]?.string {
            uploadID = nil
            filename = input?["filename"]?.string ?? "input.csv"
            bytes = csv.utf8.count
            return
        }
        guard let id = input?["upload_id"]?.string.flatMap(UploadID.init),
            let upload = try await context.transaction(.snapshot, { try await $0.uploads.find(id) })
        else { throw DiscoveryError.uploadMissing }
        guard upload.sha256 != nil else { throw DiscoveryError.uploadIncomplete }
        uploadID = id.text
        filename = upload.filename
        bytes = Int(upload.bytes)
    }

    /// What agents are told of it.
    var reference: ExportReference { ExportReference(uploadID: uploadID, bytes: bytes) }
}

/// An export, as the arguments of a tool.
struct ExportReference: Codable, Sendable {
    /// Nil for the flow's own input.
    let uploadID: String?
    let bytes: Int

    enum CodingKeys: String, CodingKey {
        case uploadID = "upload_id"
        case bytes
    }

    static let schema: JSON = [
        "type": "object",
        "required": ["bytes"],
        "additionalProperties": false,
        "properties": [
            "upload_id": ["type": "string", "format": "uuid"],
            "bytes": ["type": "integer", "minimum": 0],
        ],
    ]

    /// Hands the export to `body`, chunk by chunk.
    func read(in context: StepContext<DiscoveryState>, _ body: ([UInt8]) async throws -> Void) async throws {
        guard let id = uploadID.flatMap(UploadID.init) else {
            return try await body(Array((context.input?["csv"]?.string ?? "").utf8))
        }
        var index = 0
        while true {
            try Task.checkCancellation()
            let next = index
            let chunk = try await context.transaction(.snapshot) { try await $0.uploads.chunk(next, of: id) }
            guard let chunk else { break }
            try await body(chunk)
            index += 1
        }
        guard index > 0 else { throw DiscoveryError.uploadMissing }
    }
}
