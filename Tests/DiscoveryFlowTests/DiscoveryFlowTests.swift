import Approvals
import Crypto
import Discovery
import Domain
import FlowSupport
import Flows
import JSON
import Ledger
import TestSupport
import Testing

@testable import DiscoveryFlow

@Suite(.enabled(if: PostgresCluster.isAvailable)) struct DiscoveryFlowTests {
    private func bench() async throws -> FlowBench {
        let database = try await TestDatabase.make()
        var registry = FlowRegistry()
        try DiscoveryFlow.register(in: &registry)
        return try await FlowBench(database, tenant: try await database.makeTenant(), registry: registry)
    }

    /// Uploads an export in chunks of an awkward size.
    private func upload(_ bytes: [UInt8], to bench: FlowBench) async throws -> JSON {
        let id = UploadID.generate()
        try await bench.ledger.store.transaction(as: bench.tenant.id) { transaction in
            try await transaction.uploads.begin(
                Upload(
                    id: id,
                    filename: "export.csv",
                    contentType: "text/csv",
                    bytes: 0,
                    sha256: nil,
                    createdBy: "olga",
                    createdAt: .now()
                )
            )
            for (index, start) in stride(from: 0, to: bytes.count, by: 10_007).enumerated() {
                let chunk = Array(bytes[start..<min(bytes.count, start + 10_007)])
                try await transaction.uploads.append(chunk, index: index, to: id)
            }
            let digest = SHA256.hash(data: bytes).map { String($0, radix: 16) }.joined()
            try await transaction.uploads.finish(id, bytes: Int64(bytes.count), sha256: digest)
        }
        return ["upload_id": JSON(id.text)]
    }

    private func assets(_ bench: FlowBench, _ flow: Flow) async throws -> [Asset] {
        let page = try await bench.ledger.store.transaction(as: bench.tenant.id, .snapshot) {
            try await $0.assets.list(
                query: nil,
                environment: nil,
                type: nil,
                flow: flow.id,
                limit: 200,
                cursor: nil
            )
        }
        return page?.items ?? []
    }

    private let small = """
        Host;IP;Umgebung;Seriennummer;Ansprechpartner
        WEB01.acme.example;10.0.0.1;PRD;SN-1;anna.schmidt@acme.example
        db01;10.0.0.2/24;Produktion;SN-2;n/a
        DB01;10.0.0.2;prod;SN-2;bob@acme.example
        app01;300.1.1.1;test;SN-3;-
        """

    @Test func anUploadedExportBecomesAnInventoryWithPeopleDecidingOnTheWay() async throws {
        let bench = try await bench()
        let export = DemoExport(rows: 800, seed: 7).bytes()
        let flow = try await bench.start("discovery", input: try await upload(export, to: bench))
        try await bench.decide(try await bench.prompt("confirm_mapping", of: flow.id), .approve)
        try await bench.decide(try await bench.prompt("review_changes", of: flow.id), .approve)
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.status == .succeeded)

        let summary = try #require(done.state["summary"])
        #expect(summary["rows"] == 800)
        let count = try await bench.ledger.store.transaction(as: bench.tenant.id, .snapshot) {
            try await $0.assets.count(flow: flow.id)
        }
        #expect(summary["assets"]?.int == count)
        #expect(count > 500)
        let merged = try #require(summary["merged_rows"]?.int)
        let blank = try #require(summary["blank_rows"]?.int)
        #expect(count + merged + blank == 800)

        let finished = try await bench.events(flow.id).filter { $0.event["type"] == "STEP_FINISHED" }
            .compactMap { $0.event["stepName"]?.string }
        #expect(
            finished == [
                "initialize_discovery", "validate_data", "map_attributes", "confirm_mapping", "decide_mapping",
                "cleanse_data", "review_changes", "build_inventory", "finished",
            ]
        )
        var calls: [String] = []
        for event in try await bench.events(flow.id).map(\.event) {
            if let name = event["toolCallName"]?.string { calls.append(name) }
            guard event["type"] == "TOOL_CALL_RESULT", let content = event["content"]?.string else { continue }
            calls.append(try JSON.parse(content).object?.keys.first ?? "nothing")
        }
        #expect(
            calls == [
                "validate_export", "rows", "map_attributes", "mapped", "propose_changes", "groups", "store_inventory",
                "assets",
            ]
        )
        await bench.stop()
    }

    @Test func whatWasDecidedIsWhatIsBuilt() async throws {
        let bench = try await bench()
        let flow = try await bench.start("discovery", input: ["csv": JSON(small)])
        let mapping = try await bench.prompt("confirm_mapping", of: flow.id)
        var edited = try #require(mapping.draft.shown["proposal"])
        // The reviewer says that the serial number is none.
        let index = try #require(
            edited["mapping"]?.array?.firstIndex { $0["column"] == "Seriennummer" }
        )
        try edited.set("none", at: JSONPointer("/mapping/\(index)/attribute"))
        try await bench.decide(mapping, .edit, response: edited)
        let changes = try await bench.prompt("review_changes", of: flow.id)
        try await bench.decide(changes, .edit, response: ["accepted": ["environment.unify"]])
        _ = try await bench.wait(for: .succeeded, of: flow.id)

        let assets = try await assets(bench, flow)
        #expect(assets.count == 4)
        #expect(assets.allSatisfy { $0.attributes["attributes"]?["serial_number"] == nil })
        #expect(assets.contains { $0.attributes["extra"]?["Seriennummer"] == "SN-2" })
        #expect(Set(assets.compactMap(\.environment)) == ["production", "test"])
        // Only the unification of environments was accepted: the address keeps its prefix length.
        #expect(assets.contains { $0.attributes["attributes"]?["ip_address"] == "10.0.0.2/24" })
        await bench.stop()
    }

    @Test func anEditThatGivesAnAttributeTwiceIsRefusedAndThePromptStaysOpen() async throws {
        let bench = try await bench()
        let flow = try await bench.start("discovery", input: ["csv": JSON(small)])
        let mapping = try await bench.prompt("confirm_mapping", of: flow.id)
        let twice: JSON = [
            "mapping": [
                ["column": "Host", "attribute": "hostname"], ["column": "IP", "attribute": "hostname"],
            ]
        ]
        await #expect {
            try await bench.decide(mapping, .edit, response: twice)
        } throws: { error in
            guard case .invalid(let violations)? = error as? ApprovalError else { return false }
            return violations.map(\.pointer) == ["/response/mapping/1/attribute"]
        }
        #expect(try await bench.openPrompts(flow.id).map(\.id) == [mapping.id])
        #expect(try await bench.openPrompts(flow.id).first?.version == mapping.version)
        await bench.stop()
    }

    @Test func namesLongerThanAnIndexTakesAreStoredCutAndKeptWhole() async throws {
        let bench = try await bench()
        // Random characters of four bytes, because the database compresses what repeats.
        var random: UInt64 = 5
        func word() -> String {
            let scalars = (0..<2000).compactMap { _ in
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Unicode.Scalar(0x20000 + UInt32((random >> 33) % 0xA000))
            }
            return String(String.UnicodeScalarView(scalars))
        }
        let host = word()
        let csv = "hostname,environment,type\n\(host),\(word()),\(word())\n"
        let flow = try await bench.start("discovery", input: try await upload(Array(csv.utf8), to: bench))
        try await bench.decide(try await bench.prompt("confirm_mapping", of: flow.id), .approve)
        try await bench.decide(try await bench.prompt("review_changes", of: flow.id), .reject)
        #expect(try await bench.wait(for: .succeeded, .failed, of: flow.id).status == .succeeded)
        let asset = try #require(try await assets(bench, flow).first)
        #expect(asset.name == String(host.unicodeScalars.prefix(256)))
        #expect(asset.attributes["attributes"]?["hostname"]?.string == host)
        await bench.stop()
    }

    @Test func aRejectedMappingStopsTheFlowAndWritesNothing() async throws {
        let bench = try await bench()
        let flow = try await bench.start("discovery", input: ["csv": JSON(small)])
        try await bench.decide(try await bench.prompt("confirm_mapping", of: flow.id), .reject)
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["outcome"] == "stopped")
        #expect(try await assets(bench, flow).isEmpty)
        await bench.stop()
    }

    @Test(arguments: [
        ("\"open quote;a\nb;c\n", "quote"), ("", "csv"), ("only;a;header\n", "rows"),
    ])
    func anExportThatCannotBeReadIsAClearError(_ csv: String, _ word: String) async throws {
        let bench = try await bench()
        do {
            let flow = try await bench.start("discovery", input: ["csv": JSON(csv)])
            _ = try await bench.wait(for: .failed, of: flow.id)
            let last = try #require(try await bench.events(flow.id).last?.event)
            #expect(last["type"] == "RUN_ERROR")
            #expect(last["message"]?.string?.contains(word) == true, "\(last.text)")
        } catch let error as FlowError {
            #expect(error.description.contains(word))
        }
        await bench.stop()
    }

    @Test(arguments: [
        #"{"upload_id":"x"}"#, "{}", #"{"upload_id":"017f22e2-79b0-7000-8000-000000000000","csv":"a"}"#, "[]",
        #"{"csv":"a","filename":1}"#, #"{"csv":"a","delimiter":";"}"#,
    ])
    func anInputThatNamesNoExportIsRefused(_ input: String) throws {
        #expect(throws: FlowError.self) { try DiscoveryState(input: try JSON.parse(input)) }
    }
}
