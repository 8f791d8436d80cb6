public import HTTPTypes

/// What ``RequestParser/next()`` reports. Each request is one `head`, any number of `body`, one `end`.
public enum RequestEvent: Sendable, Equatable {
    /// Request line and header section are complete and valid.
    case head(RequestHead)
    /// Content, with the chunked coding removed. Never empty; the cuts follow arrival and mean nothing.
    case body([UInt8])
    /// The request is complete. `trailers` is empty unless the body was chunked and carried a trailer section.
    case end(trailers: HTTPFields)
}
