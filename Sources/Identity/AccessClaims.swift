import JWTKit

/// The claims of an access token, as PROTOCOL.md lists them, and nothing else.
///
/// Times are whole seconds, so that no `Date` is needed. `aud` is one string: RFC 7519 (section 4.1.3) would allow a list,
/// but tokens that are accepted here were also made here.
struct AccessClaims: JWTPayload, Equatable {
    enum CodingKeys: String, CodingKey {
        case subject = "sub"
        case tenantID = "tenant_id"
        case tenantName = "tenant"
        case roles
        case session = "sid"
        case issuer = "iss"
        case audience = "aud"
        case expiresAt = "exp"
        case issuedAt = "iat"
        case notBefore = "nbf"
        case id = "jti"
    }

    /// The times a token may carry: years 1970…9999, so that arithmetic on them cannot overflow.
    static let allowedTimes: ClosedRange<Int64> = 0...253_402_300_799

    var subject: String
    var tenantID: String
    var tenantName: String
    var roles: [String]
    var session: String?
    var issuer: String
    var audience: String
    var expiresAt: Int64
    var issuedAt: Int64
    var notBefore: Int64
    var id: String

    /// Required by JWTKit; the claims are checked by ``AccessTokens``, which knows the time.
    func verify(using algorithm: some JWTAlgorithm) {}
}
