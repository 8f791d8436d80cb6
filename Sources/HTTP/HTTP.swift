// HTTP: the codec of HTTP/1.1 (RFC 9110, RFC 9112), server side.
//
// Bytes go in, values come out, and the other way round. `RequestParser` turns what a peer sent into
// `RequestEvent`s; `ResponseEncoder` turns a `ResponseHead` and body pieces into bytes. Around them live the small
// grammars a server needs to read a request: targets, queries, cookies, media types, entity tags, dates; the rules of
// conditions and ranges; and the gzip coding.
//
// The parser is strict on purpose: whatever two implementations could read differently is refused, because
// disagreement about where a message ends is what request smuggling is made of.
//
// This target must never know sockets, clocks, tasks, files, routes or JSON. Time comes in as a value.

/// The protocol versions this codec speaks (RFC 9112 §2.3).
public enum HTTPVersion: Sendable, Hashable {
    /// `HTTP/1.0`: connections close after the response unless `keep-alive` was asked for.
    case http10
    /// `HTTP/1.1`: connections persist unless `close` was asked for.
    case http11
}
