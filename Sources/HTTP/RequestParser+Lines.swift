internal import HTTPTypes

extension RequestParser {
    /// The length of the next complete line without its CRLF, or nil when it has not arrived.
    ///
    /// A bare CR inside a line is left to the line's own grammar, none of which admits control characters.
    mutating func nextLine(limit: Int, name: HTTPLimits.Name, bound: Int) throws(HTTPError) -> Int? {
        guard let lineFeed = input.firstLineFeed(from: scanned) else {
            scanned = input.count
            // One byte more than the limit may be the CR of a line that just fits.
            if input.count > limit + 1 { throw .limitExceeded(name, limit: bound) }
            return nil
        }
        scanned = 0
        let hasCarriageReturn = lineFeed > 0 && input[lineFeed - 1] == ASCII.carriageReturn
        let length = hasCarriageReturn ? lineFeed - 1 : lineFeed
        if length > limit { throw .limitExceeded(name, limit: bound) }
        guard hasCarriageReturn else { throw .malformed(.lineEnding) }
        return length
    }

    /// Drops a line of `length` bytes and its CRLF.
    mutating func consumeLine(_ length: Int) {
        input.consume(length + 2)
    }

    /// Reads the request line, skipping exactly one empty line before it (RFC 9112 §2.2).
    mutating func readRequestLine(skippedEmptyLine: Bool) throws(HTTPError) -> Bool {
        let bound = limits.requestLine
        guard let length = try nextLine(limit: bound, name: .requestLine, bound: bound) else { return false }
        if length == 0 {
            if skippedEmptyLine { throw .malformed(.emptyLine) }
            state = .requestLine(skippedEmptyLine: true)
        } else {
            requestLine = try input.withBytes { (bytes) throws(HTTPError) in
                try RequestLine(parsing: bytes.extracting(0..<length))
            }
            bodyLimit = limits.body
            bodyBytes = 0
            extensionBytes = 0
            sectionBytes = 0
            state = .headers
        }
        consumeLine(length)
        return true
    }

    /// Reads field lines up to and including the empty line that ends the section (RFC 9112 §5).
    mutating func readFields(bytes section: (name: HTTPLimits.Name, bound: Int)) throws(HTTPError) -> Bool {
        while true {
            let available = section.bound - sectionBytes
            guard let length = try nextLine(limit: available, name: section.name, bound: section.bound) else {
                return false
            }
            if length == 0 {
                consumeLine(0)
                sectionBytes = 0
                return true
            }
            if fields.count >= limits.headerCount {
                throw .limitExceeded(.headerCount, limit: limits.headerCount)
            }
            let field = try input.withBytes { (bytes) throws(HTTPError) in
                try FieldLine.parse(bytes.extracting(0..<length))
            }
            fields.append(field)
            sectionBytes += length
            consumeLine(length)
        }
    }

    /// Turns request line and fields into a head, and decides how the body is framed (RFC 9112 §6.3).
    mutating func finishHead() throws(HTTPError) -> RequestHead {
        guard let line = requestLine else { throw .malformed(.requestLine) }
        let fields = HTTPFields(self.fields)
        self.fields = []
        try Authority.check(hostFields: fields, version: line.version)
        let framing = try BodyFraming(fields: fields, version: line.version)
        let head = RequestHead(
            method: line.method,
            target: line.target,
            form: line.form,
            version: line.version,
            headers: fields,
            framing: framing
        )
        try head.checkExpectation()
        keepAlive = head.keepAlive
        switch framing {
        case .none: state = .end
        case .fixed(let length): state = length == 0 ? .end : .fixedBody(remaining: length, admitted: false)
        case .chunked: state = .chunkSize
        }
        return head
    }
}
