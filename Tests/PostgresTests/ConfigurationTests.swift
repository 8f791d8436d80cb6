import Postgres
import Testing

@Suite struct ConfigurationTests {
    @Test func aPasswordIsNeverShown() throws {
        let configuration = try PostgresConfiguration("postgresql://ada:hunter2@[::1]:5433/engine")
        #expect(configuration.description == "engine at ::1")
        #expect(configuration.debugDescription == "engine at ::1")
        #expect(configuration.with(database: "other").description == "other at ::1")
    }

    @Test(arguments: ["postgresql://[", "host='", "postgresql://a,b/x", "nonsense=1"])
    func whatCannotBeUsedIsRefused(text: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(text) }
        #expect(error?.kind == .invalidConfiguration)
    }

    @Test func anEmptyTextMeansTheLocalServer() throws {
        #expect(try PostgresConfiguration("").description == "default database at /var/run/postgresql")
    }
}
