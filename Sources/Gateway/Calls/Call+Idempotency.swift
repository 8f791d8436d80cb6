import Crypto
import Domain
import HTTP
import HTTPTypes
import JSON
import Server

extension Call {
    /// Keeps a command's answer, in the transaction that carries the command out.
    typealias Keep = @Sendable (any StoreTransaction, JSON) async throws -> JSON

    private static let allowedKeyBytes = 1...200

    /// Carries out a command once for each `Idempotency-Key` of the caller: a repetition gets the first answer, and another
    /// request under the same key is refused.
    ///
    /// The answer is kept in the command's own transaction, so there is no moment in which one exists without the other. Of
    /// two that come at once, the database lets the second wait for the first one's commit.
    /// - Parameter command: must pass its answer through what it is given.
    func once(_ status: HTTPResponse.Status, _ command: (Keep) async throws -> JSON) async throws -> Response {
        guard let key = try idempotencyKey() else {
            return .json(try await command { _, body in body }, status: status)
        }
        let subject = try principal().subject
        let digest = requestDigest
        if let answer = try await replay(key, subject, digest) { return answer }
        let time = now
        do {
            let body = try await command { transaction, body in
                let answer = IdempotentAnswer(requestDigest: digest, status: status.code, body: body)
                try await transaction.idempotency.save(answer, subject: subject, key: key, at: time)
                return body
            }
            return .json(body, status: status)
        } catch let error as StoreError {
            guard case .duplicate = error, let answer = try await replay(key, subject, digest) else { throw error }
            return answer
        }
    }

    private func replay(_ key: String, _ subject: String, _ digest: String) async throws -> Response? {
        let known = try await read { try await $0.idempotency.find(subject: subject, key: key) }
        guard let known else { return nil }
        guard known.requestDigest == digest else { throw Problem(.idempotencyMismatch) }
        return .json(
            known.body,
            status: HTTPResponse.Status(code: known.status),
            headers: [.idempotencyReplayed: "true"]
        )
    }

    private func idempotencyKey() throws -> String? {
        guard let key = head.headers[.idempotencyKey] else { return nil }
        guard Self.allowedKeyBytes.contains(key.utf8.count) else {
            throw Problem.parameter("Idempotency-Key", "must have 1 to \(Self.allowedKeyBytes.upperBound) bytes")
        }
        return key
    }

    /// Hex SHA-256 of method, path and content.
    private var requestDigest: String {
        var hash = SHA256()
        hash.update(data: Array("\(head.method.rawValue) \(head.path)\n".utf8))
        hash.update(data: request.body)
        return hash.finalize().hex
    }
}

extension SHA256.Digest {
    var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
