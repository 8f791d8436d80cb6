/// A `Set-Cookie` field value (RFC 6265 §4.1), with the attributes a session needs.
public struct SetCookie: Sendable, Equatable {
    /// When other sites' requests carry the cookie (RFC 6265bis §4.1.2.7).
    public enum SameSite: String, Sendable, Equatable {
        /// Never.
        case strict = "Strict"
        /// On top-level navigation only.
        case lax = "Lax"
    }

    /// The cookie's name, a token.
    public var name: String
    /// The value: visible ASCII without quote, comma, semicolon and backslash. Percent-encode anything else.
    public var value: String
    /// The path prefix the cookie is sent for.
    public var path: String
    /// Seconds to keep it; nil keeps it for the browser session, 0 deletes it.
    public var maxAge: Int?
    /// Hidden from scripts.
    public var isHTTPOnly: Bool
    /// Sent over TLS only.
    public var isSecure: Bool
    /// Cross-site rule.
    public var sameSite: SameSite

    /// Creates a cookie; the defaults are the safest ones that work without TLS.
    public init(
        name: String,
        value: String,
        path: String = "/",
        maxAge: Int? = nil,
        isHTTPOnly: Bool = true,
        isSecure: Bool = false,
        sameSite: SameSite = .strict
    ) {
        self.name = name
        self.value = value
        self.path = path
        self.maxAge = maxAge
        self.isHTTPOnly = isHTTPOnly
        self.isSecure = isSecure
        self.sameSite = sameSite
    }

    /// The field value.
    /// - Throws: ``HTTPError/Misuse/cookie`` when a part would end the attribute or the line early.
    public func fieldValue() throws(HTTPError) -> String {
        let valueIsSafe = value.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != ASCII.quote && $0 != ASCII.comma && $0 != ASCII.semicolon
                && $0 != ASCII.backslash
        }
        let pathIsSafe = path.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != ASCII.semicolon }
        guard FieldList.isToken(name[...]), valueIsSafe, pathIsSafe else { throw .misuse(.cookie) }
        var text = "\(name)=\(value); Path=\(path)"
        if let maxAge { text += "; Max-Age=\(maxAge)" }
        if isHTTPOnly { text += "; HttpOnly" }
        if isSecure { text += "; Secure" }
        return text + "; SameSite=\(sameSite.rawValue)"
    }
}
