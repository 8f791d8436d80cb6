internal import HTTPTypes

extension ResponseEncoder {
    static let lineEnd: [UInt8] = [ASCII.carriageReturn, ASCII.lineFeed]
    static let lastChunk = Array("0\r\n".utf8)
    static let chunkedField = Array("transfer-encoding: chunked\r\n".utf8)
    static let closeField = Array("connection: close\r\n".utf8)
    static let keepAliveField = Array("connection: keep-alive\r\n".utf8)

    /// Refuses fields that would change where the message or a line ends (RFC 9110 §5.5).
    static func check(_ fields: HTTPFields) throws(HTTPError) {
        for field in fields {
            if field.name == .contentLength || field.name == .transferEncoding { throw .misuse(.framingField) }
            let isSafe = field.withUnsafeBytesOfValue { value in
                value.allSatisfy { $0 != ASCII.carriageReturn && $0 != ASCII.lineFeed && $0 != 0 }
            }
            if !isSafe { throw .misuse(.headerInjection) }
        }
    }

    /// Appends the status line (RFC 9112 §4), `Date` when there is none, and the fields.
    static func append(_ head: ResponseHead, date: String?, to output: inout [UInt8]) {
        let code = head.status.code
        let given = head.status.reasonPhrase
        output.append(contentsOf: "HTTP/1.1 ".utf8)
        output.append(ASCII.zero + UInt8(code / 100))
        output.append(ASCII.zero + UInt8(code / 10 % 10))
        output.append(ASCII.zero + UInt8(code % 10))
        output.append(ASCII.space)
        output.append(contentsOf: (given.isEmpty ? reasonPhrase(code) : given).utf8)
        output.append(contentsOf: lineEnd)
        if let date, !head.headers.contains(.date) {
            output.append(contentsOf: "date: ".utf8)
            output.append(contentsOf: date.utf8)
            output.append(contentsOf: lineEnd)
        }
        for field in head.headers { append(field, to: &output) }
    }

    static func append(_ field: HTTPField, to output: inout [UInt8]) {
        output.append(contentsOf: field.name.rawName.utf8)
        output.append(ASCII.colon)
        output.append(ASCII.space)
        field.withUnsafeBytesOfValue { output.append(contentsOf: $0) }
        output.append(contentsOf: lineEnd)
    }

    /// The registered phrase, for statuses written as integer literals, which carry none.
    private static func reasonPhrase(_ code: Int) -> String {
        switch code {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }
}
