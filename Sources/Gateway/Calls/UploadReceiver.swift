import Crypto
import Domain
import JSON
import Server

/// Stores a file while it comes in: one chunk in memory, whatever its size.
struct UploadReceiver {
    let store: any Store
    let upload: Upload

    /// Bytes of one stored chunk.
    static let chunkBytes = 256 << 10

    /// How long an upload may take, in seconds, before its tenant's next one clears it away.
    static let patience: Int64 = 24 * 60 * 60

    /// Stores the whole content. When it does not arrive as a whole, nothing is left of it.
    /// - Throws: `BodyError`, `StoreError`, ``Problem`` for an empty file.
    func receive(_ body: RequestBody, channel: String) async throws -> Upload {
        try await store.transaction { transaction in
            try await transaction.uploads.removeUnfinished(before: upload.createdAt.adding(seconds: -Self.patience))
            try await transaction.uploads.begin(upload)
        }
        do {
            let (bytes, digest) = try await storeChunks(of: body)
            guard bytes > 0 else {
                throw Problem(.invalidInput, faults: [.init(pointer: "", message: "The file is empty")])
            }
            return try await finish(bytes: bytes, sha256: digest, channel)
        } catch {
            // The reason counts; a store that cannot remove the rest now has already failed for that reason.
            try? await store.transaction { try await $0.uploads.remove(upload.id) }
            throw error
        }
    }

    private func storeChunks(of body: RequestBody) async throws -> (bytes: Int64, sha256: String) {
        var hash = SHA256()
        var waiting: [UInt8] = []
        waiting.reserveCapacity(Self.chunkBytes + 64 << 10)
        var index = 0
        var bytes: Int64 = 0
        while let piece = try await body.next() {
            hash.update(data: piece)
            bytes += Int64(piece.count)
            waiting += piece
            while waiting.count >= Self.chunkBytes {
                try await store(Array(waiting[..<Self.chunkBytes]), index)
                waiting.removeFirst(Self.chunkBytes)
                index += 1
            }
        }
        if !waiting.isEmpty { try await store(waiting, index) }
        return (bytes, hash.finalize().hex)
    }

    private func store(_ chunk: [UInt8], _ index: Int) async throws {
        try await store.transaction { try await $0.uploads.append(chunk, index: index, to: upload.id) }
    }

    private func finish(bytes: Int64, sha256: String, _ channel: String) async throws -> Upload {
        try await store.transaction { transaction in
            try await transaction.uploads.finish(upload.id, bytes: bytes, sha256: sha256)
            try await transaction.audit.append(
                AuditEntry(
                    at: .now(),
                    actor: upload.createdBy,
                    channel: channel,
                    action: "upload.created",
                    subject: "upload:\(upload.id)",
                    detail: ["bytes": JSON(Int(bytes)), "sha256": JSON(sha256), "filename": JSON(upload.filename)]
                )
            )
        }
        return Upload(
            id: upload.id,
            filename: upload.filename,
            contentType: upload.contentType,
            bytes: bytes,
            sha256: sha256,
            createdBy: upload.createdBy,
            createdAt: upload.createdAt
        )
    }
}
