extension JSON {
    /// Parses one JSON document (RFC 8259): UTF-8 without a byte order mark, any value at the root, unique member names.
    ///
    /// - Throws: the first ``JSONError``, with its byte offset.
    /// - Complexity: O(bytes).
    public static func parse(
        _ bytes: UnsafeRawBufferPointer,
        limits: JSONLimits = .default
    ) throws(JSONError) -> JSON {
        guard bytes.count <= limits.maxBytes else {
            throw .tooManyBytes(limit: limits.maxBytes, offset: limits.maxBytes)
        }
        guard let base = bytes.baseAddress else { throw .unexpectedEnd(offset: 0) }
        var parser = JSONParser(start: base, end: base + bytes.count, limits: limits)
        return try parser.parseDocument()
    }

    /// Parses one JSON document from an array of bytes.
    ///
    /// - Throws: the first ``JSONError``, with its byte offset.
    public static func parse(_ bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) -> JSON {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) -> JSON in
            try parse(UnsafeRawBufferPointer(buffer), limits: limits)
        }
    }

    /// Parses one JSON document from a span of bytes.
    ///
    /// - Throws: the first ``JSONError``, with its byte offset.
    public static func parse(_ bytes: Span<UInt8>, limits: JSONLimits = .default) throws(JSONError) -> JSON {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) -> JSON in
            try parse(UnsafeRawBufferPointer(buffer), limits: limits)
        }
    }

    /// Parses one JSON document from a string; offsets count its UTF-8 bytes.
    ///
    /// - Throws: the first ``JSONError``, with its byte offset.
    public static func parse(_ text: String, limits: JSONLimits = .default) throws(JSONError) -> JSON {
        try parse(Array(text.utf8), limits: limits)
    }
}
