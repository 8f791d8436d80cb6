import Domain
import Identity
import Persistence

/// Brings the demo tenants of the database in line with `dev.json`.
struct DemoTenants {
    let owner: TenantAdministration
    let store: any Store
    let hasher: PasswordHasher

    /// Stores every tenant that is missing, and every user who is missing or has another password.
    func provision(_ logins: DevFile) async throws {
        for entry in logins.tenants {
            let tenant = try await owner.provision(Tenant(id: .generate(), name: entry.name), users: [])
            var changed: [User] = []
            for login in entry.users {
                let password = Secret(login.password)
                let stored = try await TenantContext.with(tenant.id) {
                    try await store.transaction(.snapshot) { try await $0.identity.user(email: login.email) }
                }
                if let stored, try await hasher.verify(password, against: stored.passwordHash) { continue }
                let roles = Set(login.roles.compactMap(Role.init(rawValue:)))
                changed.append(
                    User(
                        id: .generate(),
                        email: login.email,
                        name: "\(login.roles.joined(separator: ", ")) of \(entry.name)",
                        roles: roles,
                        passwordHash: try await hasher.hash(password)
                    )
                )
            }
            if !changed.isEmpty { try await owner.provision(tenant, users: changed) }
        }
    }
}
