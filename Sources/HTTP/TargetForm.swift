internal import HTTPTypes

/// Which of the four forms a request target has (RFC 9112 §3.2).
public enum TargetForm: Sendable, Hashable {
    /// `/path?query`
    case origin
    /// `http://authority/path?query`; its authority replaces `Host` (RFC 9112 §3.2.2).
    case absolute(authority: String)
    /// `host:port`, for CONNECT only.
    case authority
    /// `*`, for OPTIONS only.
    case asterisk
}

extension TargetForm {
    /// Recognises the form of `target`, which is visible ASCII.
    init(target: String, method: HTTPRequest.Method) throws(HTTPError) {
        if method == .connect {
            guard Authority.isValid(target, port: .required) else { throw .malformed(.target) }
            self = .authority
        } else if target.utf8.first == ASCII.slash {
            self = .origin
        } else if target == "*", method == .options {
            self = .asterisk
        } else {
            self = .absolute(authority: try Self.absoluteAuthority(target))
        }
    }

    /// The authority of an absolute-form target, without user information (RFC 9110 §4.2.4 calls it deprecated).
    private static func absoluteAuthority(_ target: String) throws(HTTPError) -> String {
        guard let rest = afterScheme(target) else { throw .malformed(.target) }
        let full = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        var authority = full
        if let at = full.lastIndex(of: "@") {
            let user = full[..<at]
            let allowed = ByteSet.registeredName
            guard user.utf8.allSatisfy({ allowed.contains($0) || $0 == ASCII.colon || $0 == ASCII.percent }) else {
                throw .malformed(.target)
            }
            authority = full[full.index(after: at)...]
        }
        guard Authority.isValid(authority, port: .optional) else { throw .malformed(.target) }
        return String(authority)
    }

    /// What follows `http://` or `https://`. Other schemes are for proxies, which this is not.
    static func afterScheme(_ target: String) -> Substring? {
        for scheme in ["http://", "https://"]
        where ASCII.equalIgnoringCase(target.prefix(scheme.utf8.count), scheme) {
            return target.dropFirst(scheme.utf8.count)
        }
        return nil
    }
}
