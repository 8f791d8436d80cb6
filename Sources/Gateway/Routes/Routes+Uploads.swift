import Domain
import HTTP
import HTTPTypes
import Identity
import JSON
import Server

extension Route {
    static let uploads: [Route] = [
        Route(
            .post,
            "/v1/uploads",
            .action(.upload),
            "Keeps a file: its bytes are the content, its name is in `X-Filename`, percent-encoded.",
            parameters: [.header("X-Filename", "The file's name, percent-encoded.")],
            body: .upload,
            answers: [Answer(201, "Upload")],
            problems: [.contentTooLarge]
        ) { try await $0.upload() },
        Route(
            .get,
            "/v1/uploads/{id}",
            .action(.readFlows),
            "What is known of an uploaded file.",
            answers: [Answer(200, "Upload")]
        ) { call in
            let id = try call.id(of: Upload.self)
            let upload = try await call.read { try await $0.uploads.find(id) }
            guard let upload, upload.sha256 != nil else { throw Problem(.notFound) }
            return .json(upload.json)
        },
    ]
}

extension Call {
    /// Media types of a file that are taken.
    static let uploadTypes = ["text/csv", "text/plain", "application/octet-stream"]
    private static let maximumFilename = 255

    fileprivate func upload() async throws -> Response {
        guard let type = try head.contentType(), Self.uploadTypes.contains(type.essence) else {
            throw Problem(.unsupportedMediaType, "It must be \(Self.uploadTypes.joined(separator: " or ")).")
        }
        guard let body = request.stream else { throw Problem(.badRequest) }
        let limit = services.configuration.maximumUploadBytes
        // Said beforehand where the size is announced: nothing needs to be read or stored then.
        if case .fixed(let length) = head.framing, length > limit {
            throw Problem(
                .contentTooLarge,
                "A file may have \(limit) bytes.",
                ["limit": JSON(limit), "limit_name": "max_upload_bytes"]
            )
        }
        let principal = try principal()
        let upload = Upload(
            id: .generate(),
            filename: try filename(),
            contentType: type.essence,
            bytes: 0,
            sha256: nil,
            createdBy: principal.subject,
            createdAt: now
        )
        let receiver = UploadReceiver(store: services.store, upload: upload)
        let stored = try await receiver.receive(body, channel: Self.channel)
        return .json(stored.json, status: .created, headers: [.location: "/v1/uploads/\(stored.id)"])
    }

    /// The name without anything that a file system or a terminal could misread.
    private func filename() throws -> String {
        guard let field = head.headers[.filename] else { return "upload" }
        let name = try PercentEncoding.decode(field)
        let isPlain = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0 != "/" && $0 != "\\" }
        guard !name.isEmpty, name.utf8.count <= Self.maximumFilename, isPlain, name != ".", name != ".." else {
            throw Problem.parameter(
                "X-Filename",
                "must have 1 to \(Self.maximumFilename) bytes and no slashes or control characters"
            )
        }
        return name
    }
}

extension Upload {
    /// The upload as clients see it.
    var json: JSON {
        [
            "id": JSON(id.text),
            "filename": JSON(filename),
            "content_type": JSON(contentType),
            "bytes": JSON(Int(bytes)),
            "sha256": sha256.map { JSON($0) } ?? .null,
            "created_by": JSON(createdBy),
            "created_at": JSON(createdAt.rfc3339),
        ]
    }
}
