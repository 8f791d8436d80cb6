import Domain
import Persistence
import Postgres
import Testing

@testable import signalbox

struct PlacementTests {
    private static let id: TenantID = .generate()
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func placement(_ yaml: String, environment: [String: String] = [:]) throws -> Placement {
        try folder.write(yaml, to: "places.yaml")
        var settings = Settings()
        settings.databaseURL = "postgresql://me:hush@here/main"
        settings.tenantDatabases = folder.path + "/places.yaml"
        return try Placement(settings, environment: environment)
    }

    @Test func withoutAMapAllTenantsLiveTogether() throws {
        var settings = Settings()
        settings.databaseURL = "postgresql://me@here/main"
        let placement = try Placement(settings)
        #expect(placement.databases.map(\.name) == ["default"])
        #expect(placement.places == .single)
    }

    @Test func namesIdsAndVariables() throws {
        let placement = try placement(
            """
            databases:
              eu: postgresql://me:hush@eu/main
              us-2: ${US}
            tenants:
              acme.example: us-2
              bolt: default
              \(Self.id.text.uppercased()): eu
            """,
            environment: ["US": "postgresql://me@us/main"]
        )
        #expect(placement.databases.map(\.name) == ["default", "eu", "us-2"])
        #expect(placement.databases[2].configuration.description == "main at us")
        func place(_ name: String, _ id: TenantID = .generate()) -> Int {
            placement.places.place(of: Tenant(id: id, name: name))
        }
        #expect([place("acme.example"), place("bolt"), place("cora"), place("dora", Self.id)] == [2, 0, 0, 1])
        #expect(try placement.index(of: "eu", option: "--to") == 1)
        #expect(throws: Failure(.configuration, "--to is \"uk\"; it must be one of: default, eu, us-2.")) {
            try placement.index(of: "uk", option: "--to")
        }
    }

    @Test(arguments: [
        ("", "is empty; it must have databases and tenants."),
        ("databases: {eu: postgresql://eu/x}", "has no tenants; there must be at least one."),
        ("tenants: {acme: eu}", "has no databases; there must be at least one."),
        (
            "databases: {eu: postgresql://eu/x}\ntenants: {acme: uk}",
            "puts tenants.acme into \"uk\"; it must be one of: default, eu."
        ),
        (
            "databases: {eu: postgresql://eu/x}\ntenants: {acme: [eu, us]}",
            "puts tenants.acme into \"\"; it must be one of: default, eu."
        ),
        (
            "databases: {eu: postgresql://eu/x}\ntenants: {acme: eu}\nplaces: 1",
            "has the key places; it may have databases and tenants only."
        ),
        (
            "databases: {default: postgresql://eu/x}\ntenants: {acme: default}",
            """
            names the database "default"; a name must be 1 to 32 of a-z, 0-9, _ and -, and "default" is the database of \
            database_url.
            """
        ),
        (
            "databases: {EU: postgresql://eu/x}\ntenants: {acme: EU}",
            """
            names the database "EU"; a name must be 1 to 32 of a-z, 0-9, _ and -, and "default" is the database of \
            database_url.
            """
        ),
        (
            "databases: {eu: 'postgresql://eu:hush@[/x'}\ntenants: {acme: eu}",
            """
            has databases.eu, which cannot be used: the database URL cannot be parsed; it must be \
            postgresql://user:password@host/name, or ${NAME} for an environment variable with that.
            """
        ),
        (
            "databases: {eu: }\ntenants: {acme: eu}",
            """
            has databases.eu without an address; it must be postgresql://user:password@host/name, or ${NAME} for an \
            environment variable with that.
            """
        ),
        (
            "databases: {eu: '${EU}'}\ntenants: {acme: eu}",
            "has databases.eu, whose environment variable EU is not set."
        ),
        (
            "databases: {eu: 'postgresql://me:hush@here/main'}\ntenants: {acme: eu}",
            "has databases.eu, which is the same database as default."
        ),
        (
            "databases: {eu: postgresql://eu/x}\ntenants: {\(id.text): eu, \(id.text.uppercased()): default}",
            "lists the tenant \(id) twice; it must be there once."
        ),
    ])
    func refusalsNameFileKeyAndWhatIsAllowed(_ yaml: String, _ sentence: String) {
        let failure = #expect(throws: Failure.self) { try placement(yaml) }
        #expect(failure == Failure(.configuration, "\(folder.path)/places.yaml \(sentence)"))
        #expect(failure?.sentence.contains("hush") == false)
    }

    @Test(arguments: ["databases: {eu: postgresql://eu/x}\ntenants: {acme: eu, acme: default}", "- eu\n", "x: {\n"])
    func refusesWhatIsNoMapping(_ yaml: String) {
        let failure = #expect(throws: Failure.self) { try placement(yaml) }
        #expect(failure?.sentence.contains("the tenant_databases file \(folder.path)/places.yaml") == true)
    }

    @Test func theFileMustExist() {
        var settings = Settings()
        settings.databaseURL = "postgresql://me@here/main"
        settings.tenantDatabases = "absent.yaml"
        let failure = #expect(throws: Failure.self) { try Placement(settings) }
        #expect(failure?.sentence == "the tenant_databases file absent.yaml cannot be read as UTF-8 text.")
    }
}
