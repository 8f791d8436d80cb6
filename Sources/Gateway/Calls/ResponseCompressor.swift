import HTTP
import HTTPTypes
import Reactor
import Server

/// Compresses answers of the API on their way out, for clients that accept it.
///
/// A compressed length tells something of what was compressed, so a secret must not stand beside text that somebody else
/// chooses (the attack called BREACH). Answers that hold tokens are therefore never compressed. Of the others an attacker
/// would have to make a victim's browser ask again and again with the victim's credentials, and our cookie is
/// `SameSite=Strict`: requests that other sites make do not carry it.
struct ResponseCompressor: Sendable {
    let minimumBytes: Int
    let pool: BlockingPool

    /// What takes longer than some 0.2 ms is compressed on another thread than the loop's.
    private static let bytesOnLoop = 16 << 10

    /// Refuses a request whose answer could come in no coding that the client accepts.
    /// - Throws: ``Problem``.
    func checkAcceptable(_ head: RequestHead, _ route: Route) throws(Problem) {
        let codings: [ContentCoding] = route.hasSecrets ? [.identity] : [.gzip, .identity]
        guard head.acceptedCodings.best(of: codings) == nil else { return }
        throw Problem(.notAcceptable, "The codings are \(codings.map(\.rawValue).joined(separator: ", ")).")
    }

    /// The answer, compressed if that is allowed, wished for and worth it.
    func compress(_ response: Response, to head: RequestHead, _ route: Route) async -> Response {
        guard case .bytes(let content) = response.body, !route.hasSecrets, Self.mayBeCoded(response) else {
            return response
        }
        let accepted = head.acceptedCodings
        let mustBeCoded = accepted.quality(of: .identity) == 0
        guard content.count >= minimumBytes || mustBeCoded else { return response }
        var plain = response
        plain.headers.append(HTTPField(name: .vary, value: "accept-encoding"))
        guard accepted.best(of: [.gzip, .identity]) == .gzip, let coded = await gzip(content),
            coded.count < content.count || mustBeCoded
        else { return plain }
        var response = plain
        response.headers[.contentEncoding] = ContentCoding.gzip.rawValue
        if let tag = response.headers[.eTag].flatMap({ EntityTag(fieldValue: $0) }) {
            response.headers[.eTag] = tag.coded(.gzip).fieldValue
        }
        response.body = .bytes(coded)
        return response
    }

    /// Nil when there is no memory for it, or too much other work waits: then the answer goes out as it is.
    private func gzip(_ content: [UInt8]) async -> [UInt8]? {
        if content.count <= Self.bytesOnLoop { return Gzip.compress(content, .fast) }
        return try? await pool.run { Gzip.compress(content, .fast) }
    }

    private static func mayBeCoded(_ response: Response) -> Bool {
        let headers = response.headers
        // What ranges may be asked of was given its coding where it was made.
        guard [200, 201, 202].contains(response.status.code), headers[.contentEncoding] == nil,
            headers[.acceptRanges] == nil, headers[.cacheControl]?.lowercased().contains("no-transform") != true,
            let type = headers[.contentType], let media = try? MediaType(parsing: type)
        else { return false }
        return media.isCompressible
    }
}
