import Domain
import FlowSupport
import Flows
import JSON
import TestSupport
import Testing

@testable import DiscoveryFlow

@Suite(.enabled(if: PostgresCluster.isAvailable)) struct ForeignUploadTests {
    /// What a flow tells of itself, without ids and times.
    private func story(_ flow: Flow, _ bench: FlowBench) async throws -> [String] {
        let events = try await bench.events(flow.id).map(\.event)
        return try await [bench.flow(flow.id).state.text]
            + events.map { "\($0["type"]?.text ?? "") \($0["message"]?.text ?? "") \($0["delta"]?.text ?? "")" }
    }

    /// The engine works for all tenants, and for each with what is its own.
    @Test func anUploadOfAnotherTenantIsLikeNone() async throws {
        let database = try await TestDatabase.make()
        var registry = FlowRegistry()
        try DiscoveryFlow.register(in: &registry)
        let owner = try await FlowBench(database, tenant: try await database.makeTenant("globex"), registry: registry)
        let bench = try await FlowBench(database, tenant: try await database.makeTenant(), registry: registry)
        let csv = Array("hostname,environment\nsecret-host,production\n".utf8)
        let upload = UploadID.generate()
        try await database.store.transaction(as: owner.tenant.id) { transaction in
            try await transaction.uploads.begin(
                Upload(
                    id: upload,
                    filename: "secret.csv",
                    contentType: "text/csv",
                    bytes: 0,
                    sha256: nil,
                    createdBy: "olga",
                    createdAt: .now()
                )
            )
            try await transaction.uploads.append(csv, index: 0, to: upload)
            let digest = String(repeating: "0", count: 64)
            try await transaction.uploads.finish(upload, bytes: Int64(csv.count), sha256: digest)
        }
        var stories: [[String]] = []
        for id in [upload, .generate()] {
            let flow = try await bench.start("discovery", input: ["upload_id": JSON(id.text)])
            stories.append(try await story(try await bench.wait(for: .failed, .waiting, of: flow.id), bench))
        }
        #expect(stories[0] == stories[1])
        #expect(stories[0].last?.contains("RUN_ERROR") == true && !stories[0].joined().contains("secret"))
        // Its owner can work on it.
        let flow = try await owner.start("discovery", input: ["upload_id": JSON(upload.text)])
        #expect(try await owner.prompt("confirm_mapping", of: flow.id).flow == flow.id)
        await bench.stop()
        await owner.stop()
    }
}
