public import Domain

/// Who the holder of a client certificate is, as the operator has set it.
public struct ServiceIdentity: Sendable, Hashable {
    /// The name of the tenant it works in.
    public let tenant: String
    /// The subject it is known by in the audit log.
    public let subject: String
    /// What it may do.
    public let roles: Set<Role>

    /// Creates the value.
    public init(tenant: String, subject: String, roles: Set<Role>) {
        self.tenant = tenant
        self.subject = subject
        self.roles = roles
    }

    /// Reads `tenant/subject/role+role`; nil for anything else, an unknown role or no role included.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        let names = parts[2].split(separator: "+", omittingEmptySubsequences: false)
        let roles = Set(names.compactMap { Role(rawValue: String($0)) })
        guard roles.count == names.count else { return nil }
        self.init(tenant: String(parts[0]), subject: String(parts[1]), roles: roles)
    }
}

extension Sessions {
    /// How long the word of a certificate holds before it is looked at anew, in seconds.
    private static let certificateLifetime: Int64 = 3600

    /// Who a service is that has shown its certificate.
    /// - Throws: ``AuthError/sessionEnded`` when its tenant is not there; `StoreError`.
    public func principal(service: ServiceIdentity, now: Timestamp) async throws -> Principal {
        guard let tenant = try await tenants.tenant(named: service.tenant) else { throw AuthError.sessionEnded }
        return Principal(
            tenant: tenant,
            subject: service.subject,
            displayName: service.subject,
            roles: service.roles,
            session: nil,
            expiresAt: now.adding(seconds: Self.certificateLifetime)
        )
    }
}
