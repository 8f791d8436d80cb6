public import HTTP

/// What a request parser reports for some bytes, joined so that it does not depend on how the content was cut.
public struct HTTPRun: Equatable {
    /// Heads and ends in order.
    public private(set) var events: [RequestEvent] = []
    /// The contents of all requests.
    public private(set) var bodies: [[UInt8]] = []
    /// What ended the parsing.
    public private(set) var error: HTTPError?

    /// Parses `pieces` with limits small enough to be reached.
    public init(_ pieces: [[UInt8]], limits: HTTPLimits) {
        var parser = RequestParser(limits: limits)
        for piece in pieces {
            parser.receive(piece)
            do throws(HTTPError) {
                while let event = try parser.next() { take(event, limits) }
            } catch {
                self.error = error
                require((try? parser.next()) == nil, "an event after an error")
                return
            }
        }
        require(
            parser.bufferedBytes <= limits.requestLine + limits.headerBytes + 2,
            "more is kept than a head may be long"
        )
    }

    private mutating func take(_ event: RequestEvent, _ limits: HTTPLimits) {
        switch event {
        case .head:
            bodies.append([])
            events.append(event)
        case .body(let bytes):
            require(!bytes.isEmpty, "an empty piece of content")
            bodies[bodies.count - 1] += bytes
            require(bodies[bodies.count - 1].count <= limits.body, "the limit of the content is passed")
        case .end: events.append(event)
        }
    }
}
