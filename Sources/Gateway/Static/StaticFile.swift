import Crypto
import HTTP
import HTTPTypes
import Server

/// A file that is served as it is.
struct StaticFile: Sendable {
    let content: [UInt8]
    let contentType: String
    /// Strong: the hash of the content.
    let tag: EntityTag

    init(content: [UInt8], contentType: String) {
        self.content = content
        self.contentType = contentType
        tag = EntityTag(String(SHA256.hash(data: content).hex.prefix(32)))
    }

    /// The file, or 304 when the client has it. Caches must ask each time, which costs them one short answer.
    func answer(_ head: RequestHead) throws(HTTPError) -> Response {
        let headers: HTTPFields = [.eTag: tag.fieldValue, .cacheControl: "no-cache"]
        if try head.ifNoneMatch()?.matchesWeakly(tag) == true {
            return Response(status: .notModified, headers: headers)
        }
        var response = Response(status: .ok, headers: headers, body: .bytes(content))
        response.headers[.contentType] = contentType
        return response
    }
}
