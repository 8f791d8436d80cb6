public import HTTPTypes

/// Status and fields of a response. Framing fields are not among them: ``ResponseEncoder`` writes those.
public struct ResponseHead: Sendable, Equatable {
    /// The status; an empty reason phrase is replaced by the registered one.
    public var status: HTTPResponse.Status
    /// The fields, without `Content-Length` and `Transfer-Encoding`.
    public var headers: HTTPFields

    /// Creates a head.
    public init(status: HTTPResponse.Status, headers: HTTPFields = HTTPFields()) {
        self.status = status
        self.headers = headers
    }
}

/// How the content of a response is delimited.
public enum ResponseBody: Sendable, Hashable {
    /// Exactly this many bytes, announced by `Content-Length`. For HEAD: what GET would have sent.
    case fixed(Int)
    /// Unknown length: chunked, or until the connection closes for an HTTP/1.0 client.
    case stream
}
