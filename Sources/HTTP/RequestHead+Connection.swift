internal import HTTPTypes

extension RequestHead {
    /// Whether the connection may carry another request after this one (RFC 9112 §9.3).
    ///
    /// Never after CONNECT: what its client sends next is meant for a tunnel (RFC 9110 §9.3.6) and must not be read as
    /// requests.
    public var keepAlive: Bool {
        if method == .connect { return false }
        let options = headers[values: .connection]
        if options.isEmpty { return version == .http11 }
        if FieldList.contains("close", in: options) { return false }
        switch version {
        case .http11: return true
        case .http10: return FieldList.contains("keep-alive", in: options)
        }
    }

    /// Whether the client waits for `100 Continue` before it sends content (RFC 9110 §10.1.1).
    ///
    /// False for HTTP/1.0, whose clients cannot understand the answer, and for requests without content.
    public var expectsContinue: Bool {
        guard version == .http11, framing != .none, framing != .fixed(0) else { return false }
        return FieldList.contains("100-continue", in: headers[values: .expect])
    }

    /// Refuses what the client expects and this server does not do. HTTP/1.0 knows no expectations (RFC 9110 §10.1.1).
    func checkExpectation() throws(HTTPError) {
        guard version == .http11 else { return }
        for expectation in FieldList.tokens(headers[values: .expect])
        where !ASCII.equalIgnoringCase(expectation, "100-continue") {
            throw .unsupportedExpectation
        }
    }

    /// Whether the client asks to switch to `name`, with or without a version (RFC 9110 §7.8).
    ///
    /// False for HTTP/1.0, where the field must be ignored, and when `Connection` does not list `upgrade`.
    public func upgradesTo(_ name: StaticString) -> Bool {
        guard version == .http11 else { return false }
        return FieldList.contains(name, in: headers[values: .upgrade], ignoringVersion: true)
            && FieldList.contains("upgrade", in: headers[values: .connection])
    }

    /// The cookies of all `Cookie` fields.
    public var cookies: Cookies { Cookies(parsing: headers[values: .cookie]) }

    /// The media type of the content, or nil when none was sent.
    /// - Throws: ``HTTPError/Fault/mediaType``, also when `Content-Type` appears more than once.
    public func contentType() throws(HTTPError) -> MediaType? {
        let values = headers[values: .contentType]
        guard let value = values.first else { return nil }
        guard values.count == 1 else { throw .malformed(.mediaType) }
        return try MediaType(parsing: value)
    }

    /// What the client accepts; without the field, everything (RFC 9110 §12.5.1).
    /// - Throws: ``HTTPError/Fault/mediaType``.
    public func accept() throws(HTTPError) -> AcceptedMedia {
        try AcceptedMedia(parsing: headers[.accept])
    }

    /// The entity tags of `If-Match`, or nil when it was not sent.
    /// - Throws: ``HTTPError/Fault/entityTag``.
    public func ifMatch() throws(HTTPError) -> EntityTagList? {
        try EntityTagList(parsing: headers[.ifMatch])
    }

    /// The entity tags of `If-None-Match`, or nil when it was not sent.
    /// - Throws: ``HTTPError/Fault/entityTag``.
    public func ifNoneMatch() throws(HTTPError) -> EntityTagList? {
        try EntityTagList(parsing: headers[.ifNoneMatch])
    }
}
