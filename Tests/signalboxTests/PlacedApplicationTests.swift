import Domain
import Foundation
import FoundationNetworking
import Identity
import JSON
import Persistence
import Postgres
import Reactor
import TestSupport
import Testing

@testable import signalbox

/// The whole server over two databases, one of them in a cluster of its own that ends as by a crash.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"), .timeLimit(.minutes(2)))
struct PlacedApplicationTests {
    private struct Estate {
        let settings: Settings
        let cluster: PostgresCluster
        let acme: Tenant
        let bolt: Tenant
    }

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func makeEstate() async throws -> Estate {
        let cluster = try PostgresCluster.another()
        let (here, there) = (try await TestDatabase.make(), try await TestDatabase.make(in: cluster))
        let url = try PostgresCluster.shared().url(database: here.name)
        try folder.write(
            "databases: {eu: '\(cluster.url(database: there.name))'}\ntenants: {bolt: eu}\n",
            to: "places.yaml"
        )
        var settings = Settings()
        settings.databaseURL = url
        settings.tenantDatabases = folder.path + "/places.yaml"
        settings.jwtSecret = String(repeating: "s", count: 32)
        settings.port = 0
        settings.workers = 1
        return Estate(
            settings: settings,
            cluster: cluster,
            acme: try await here.makeTenant("acme"),
            bolt: try await there.makeTenant("bolt")
        )
    }

    private func call(_ url: String, as token: String? = nil, body: String? = nil) async throws -> (Int, String) {
        var request = URLRequest(url: try #require(URL(string: url)), timeoutInterval: 30)
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        if let body {
            request.httpMethod = "POST"
            request.httpBody = Data(body.utf8)
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        let (data, response) = try await URLSession.shared.data(for: request)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }

    /// Runs `body` with a server and its address.
    private func serving(_ settings: Settings, _ body: (Application, String) async throws -> Void) async throws {
        let listening = try Listening(settings)
        let application = try Application(
            settings: settings,
            placement: try Placement(settings),
            listening: listening
        )
        func onWorker(_ body: @escaping @Sendable () async throws -> Void) async throws {
            try await Task(executorPreference: application.workers.workers[0].taskExecutor, operation: body).value
        }
        try await onWorker { _ = try await application.start() }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(application, listening.url))
        } catch {
            outcome = .failure(error)
        }
        try await onWorker { await application.stop() }
        _ = try await TestDatabase.blockingPool.run { application.shutDown() }
        try outcome.get()
    }

    private func token(_ tenant: Tenant, _ settings: Settings) async throws -> String {
        try await AccessTokens(configuration: try IdentityConfiguration(settings)).mint(
            subject: "robot",
            tenant: tenant,
            roles: [.agent, .viewer],
            session: nil,
            lifetime: 600,
            now: .now()
        ).reveal()
    }

    @Test func oneDatabaseThatIsAwayConcernsItsOwnTenantsOnly() async throws {
        let estate = try await makeEstate()
        let acme = try await token(estate.acme, estate.settings)
        let bolt = try await token(estate.bolt, estate.settings)
        let flow = #"{"type": "external", "title": "A flow", "state": {}}"#
        try await serving(estate.settings) { _, url in
            for token in [acme, bolt] { #expect(try await call(url + "/v1/flows", as: token, body: flow).0 == 201) }
            #expect(
                try await call(url + "/readyz") == (200, #"{"status":"ok","databases":{"default":"ok","eu":"ok"}}"#)
            )
            try estate.cluster.stop()
            let away = #"{"status":"ok","databases":{"default":"ok","eu":"degraded"}}"#
            while try await call(url + "/readyz") != (200, away) {}
            #expect(try await call(url + "/v1/flows", as: acme, body: flow).0 == 201)
            #expect(try await call(url + "/v1/flows", as: bolt, body: flow).0 == 503)
            let metrics = try await call(url + "/metrics").1
            #expect(metrics.contains("signalbox_service_ok{database=\"default\"} 1\n"))
            #expect(metrics.contains("signalbox_service_ok{database=\"eu\"} 0\n"))
            #expect(metrics.contains("signalbox_database_connections{database=\"default\",state=\"leased\"}"))
        }
        // A server that starts now serves those whom it can.
        try await serving(estate.settings) { _, url in
            let answers = [
                try await call(url + "/readyz").0, try await call(url + "/v1/flows", as: acme, body: flow).0,
                try await call(url + "/v1/flows", as: bolt, body: flow).0,
            ]
            #expect(answers == [200, 201, 503])
        }
    }

    @Test func theMapIsReadAgainAndABrokenOneChangesNothing() async throws {
        let estate = try await makeEstate()
        let acme = try await token(estate.acme, estate.settings)
        let flow = #"{"type": "external", "title": "A flow", "state": {}}"#
        try await serving(estate.settings) { application, url in
            let map = try String(contentsOfFile: folder.path + "/places.yaml", encoding: .utf8)
            for (broken, reason) in [
                (
                    map.replacing("bolt: eu", with: "bolt: eu, acme: eu"),
                    "not in the database they were put into: acme."
                ),
                (map.replacing("bolt: eu", with: "bolt: uk"), "it must be one of: default, eu."),
                (map.replacing("/test_", with: "/other_"), "other databases are used only after a restart."),
            ] {
                try folder.write(broken, to: "places.yaml")
                let failure = await #expect(throws: Failure.self) { try await application.reloadPlacement() }
                #expect(failure?.sentence.hasSuffix(reason) == true, "\(failure?.sentence ?? "")")
                #expect(try await call(url + "/v1/flows", as: acme, body: flow).0 == 201)
            }
            try folder.write(map.replacing("bolt: eu", with: "bolt: eu, cora: eu"), to: "places.yaml")
            try await application.reloadPlacement()
        }
    }

    @Test func twoNamesOfOneDatabaseAreFoundOut() async throws {
        let database = try await TestDatabase.make()
        var settings = Settings()
        settings.databaseURL = try PostgresCluster.shared().url(database: database.name)
        settings.tenantDatabases = folder.path + "/places.yaml"
        settings.jwtSecret = String(repeating: "s", count: 32)
        settings.port = 0
        settings.workers = 1
        let alias = (settings.databaseURL ?? "") + "&application_name=other"
        try folder.write("databases: {eu: '\(alias)'}\ntenants: {bolt: eu}\n", to: "places.yaml")
        let sentence = "the databases default and eu are the same; each may be named once."
        await #expect(throws: Failure(.configuration, sentence)) {
            try await serving(settings) { _, _ in }
        }
    }
}
