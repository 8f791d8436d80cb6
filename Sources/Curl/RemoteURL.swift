import CCurl

/// A URL as libcurl reads it when it connects: whoever checks one with another parser checks another host.
public struct RemoteURL: Sendable, Equatable {
    /// In lower case.
    public let scheme: String
    /// The name, or the address in its usual form, without brackets: `127.0.0.1` for `0x7f.1`.
    public let host: String
    /// Whether it has a user or a password.
    public let hasCredentials: Bool
    /// Whether it has a fragment, which no server is sent.
    public let hasFragment: Bool

    /// Parses an absolute URL; nil for anything else.
    public init?(_ text: String) {
        guard !text.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }), let url = curl_url() else { return nil }
        defer { curl_url_cleanup(url) }
        guard curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK, let scheme = Self.part(CURLUPART_SCHEME, of: url),
            let host = Self.part(CURLUPART_HOST, of: url), !host.isEmpty
        else { return nil }
        self.scheme = scheme
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        hasCredentials = Self.part(CURLUPART_USER, of: url) != nil || Self.part(CURLUPART_PASSWORD, of: url) != nil
        hasFragment = Self.part(CURLUPART_FRAGMENT, of: url) != nil
    }

    private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, part, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
