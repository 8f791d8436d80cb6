import Crypto
import HTTP
import HTTPTypes
import JSON
import Server

/// A file that is served as it is, or in a coding that was made of it once.
struct StaticFile: Sendable {
    /// The file in one coding. Conditions and ranges are about these bytes, and not about those before the coding
    /// (RFC 9110 §8.4, §14.2).
    struct Variant: Sendable {
        let coding: ContentCoding
        let content: [UInt8]
        /// Strong: a hash of the content.
        let tag: EntityTag

        init(_ coding: ContentCoding, _ content: [UInt8]) {
            self.coding = coding
            self.content = content
            tag = EntityTag(String(SHA256.hash(data: content).hex.prefix(32))).coded(coding)
        }
    }

    let contentType: String
    /// Seconds since 1970-01-01T00:00:00Z.
    let lastModified: Int?
    /// The most compact first.
    let variants: [Variant]

    /// Below this size a coding saves no packet.
    private static let minimumCodedBytes = 1024

    /// Makes the file and, where that pays, its gzip variant.
    /// - Parameter coded: the codings that lie ready.
    init(
        content: [UInt8],
        contentType: String,
        lastModified: Int? = nil,
        coded: [ContentCoding: [UInt8]] = [:]
    ) {
        self.contentType = contentType
        self.lastModified = lastModified
        var coded = coded
        let isCompressible = (try? MediaType(parsing: contentType).isCompressible) ?? false
        if coded[.gzip] == nil, isCompressible, content.count >= Self.minimumCodedBytes {
            coded[.gzip] = Gzip.compress(content, .thorough)
        }
        coded = coded.filter { $0.value.count < content.count }
        coded[.identity] = content
        variants = ContentCoding.allCases.compactMap { coding in coded[coding].map { Variant(coding, $0) } }
    }

    /// The file, the ranges of it that are asked for, or 304 when the client has it.
    /// - Parameter now: seconds since 1970-01-01T00:00:00Z.
    /// - Throws: ``Problem`` when no coding is acceptable, a condition fails or no range exists; `HTTPError`.
    func answer(_ head: RequestHead, now: Int) throws -> Response {
        let coding = head.acceptedCodings.best(of: variants.map(\.coding))
        guard let variant = variants.first(where: { $0.coding == coding }) else {
            throw Problem(.notAcceptable, "The codings are \(variants.map(\.coding.rawValue).joined(separator: ", ")).")
        }
        let validators = Validators(tag: variant.tag, lastModified: lastModified)
        switch try head.weighConditions(validators, now: now) {
        case .failed: throw Problem(.representationChanged)
        case .notModified: return Response(status: .notModified, headers: fields(of: variant))
        case .holds: break
        }
        let length = variant.content.count
        switch head.byteRanges(of: validators, length: length, now: now) {
        case .whole: return response(.ok, variant, variant.content)
        case .unsatisfiable:
            var problem = Problem(
                .rangeNotSatisfiable,
                "The representation has \(length) bytes.",
                ["length": JSON(length)]
            )
            problem.headers[.contentRange] = ContentRange.unsatisfied(length: length)
            throw problem
        case .parts(let parts) where parts.count == 1:
            var response = response(.partialContent, variant, Array(variant.content[parts[0]]))
            response.headers[.contentRange] = ContentRange.part(parts[0], of: length)
            return response
        case .parts(let parts):
            let multipart = MultipartByteRanges(
                parts,
                of: variant.content,
                contentType: contentType,
                boundary: variant.tag.opaque
            )
            var response = response(.partialContent, variant, multipart.content)
            response.headers[.contentType] = multipart.contentType
            return response
        }
    }

    private func response(_ status: HTTPResponse.Status, _ variant: Variant, _ content: [UInt8]) -> Response {
        var response = Response(status: status, headers: fields(of: variant), body: .bytes(content))
        response.headers[.contentType] = contentType
        response.headers[.acceptRanges] = "bytes"
        if variant.coding != .identity { response.headers[.contentEncoding] = variant.coding.rawValue }
        return response
    }

    /// What a 304 has in common with the answer it stands for (RFC 9110 §15.4.5). Caches must ask each time, which costs them
    /// one short answer.
    private func fields(of variant: Variant) -> HTTPFields {
        var fields: HTTPFields = [.eTag: variant.tag.fieldValue, .cacheControl: "no-cache"]
        if variants.count > 1 { fields[.vary] = "accept-encoding" }
        if let lastModified { fields[.lastModified] = HTTPDate.format(unixSeconds: lastModified) }
        return fields
    }
}
