import Domain
import Foundation

/// `dev.json`: the address and the demo logins, for people and scripts.
struct DevFile: Codable, Equatable {
    struct Tenant: Codable, Equatable {
        var name: String
        var users: [User]
    }

    struct User: Codable, Equatable {
        var email: String
        var password: String
        var roles: [String]
    }

    static let name = "dev.json"
    /// Beside it: the database's address.
    static let databaseURLFile = "database_url"
    /// Beside it: what signs the access tokens.
    static let jwtSecretFile = "jwt_secret"
    private static let tenantNames = ["acme", "globex"]

    var url: String
    var tenants: [Tenant]

    /// The demo tenants with one user for each role; passwords that `kept` knows stay as they are.
    init(url: String, keeping kept: DevFile?, password: () -> String = { RandomText.make(16) }) {
        self.url = url
        let known = (kept?.tenants ?? []).flatMap(\.users)
        tenants = Self.tenantNames.map { tenant in
            Tenant(
                name: tenant,
                users: Role.allCases.map { role in
                    let email = "\(role.rawValue)@\(tenant).example"
                    let kept = known.first { $0.email == email && !$0.password.isEmpty }
                    return User(email: email, password: kept?.password ?? password(), roles: [role.rawValue])
                }
            )
        }
    }

    /// The file of an earlier run, nil when there is none.
    static func read(in folder: borrowing DataFolder) throws(Failure) -> DevFile? {
        guard let data = try folder.read(name) else { return nil }
        do {
            return try JSONDecoder().decode(DevFile.self, from: data)
        } catch {
            let path = folder.file(name)
            throw Failure(.brokenData, "\(path) is not what signalbox wrote; delete it to get new passwords.")
        }
    }

    /// Keeps the file in the data folder.
    func write(to folder: borrowing DataFolder) throws(Failure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try folder.write(try encoder.encode(self) + Data("\n".utf8), to: Self.name)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.software, "\(Self.name) cannot be encoded: \(error).")
        }
    }

    /// The table that is printed at the start.
    var summary: String {
        let rows = tenants.flatMap { tenant in
            tenant.users.map { [tenant.name, $0.email, $0.password, $0.roles.joined(separator: ", ")] }
        }
        return Table.aligned([["tenant", "e-mail", "password", "roles"]] + rows, indent: "  ")
    }
}
