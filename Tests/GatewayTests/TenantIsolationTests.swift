import Domain
import HTTPTypes
import JSON
import TestSupport
import Testing

@testable import Gateway

/// Every call with an id in its path answers another tenant's id byte by byte like one that never existed.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct TenantIsolationTests {
    /// A real id of the other tenant, and content that would be good for it.
    private struct Case {
        var id: String
        var body: String?
        var type = "application/json"
        /// What stands before the id in the path.
        var prefix = ""
    }

    private func cases(_ world: World) async throws -> [String: Case] {
        let flow = try await world.makeFlow(["n": 1], in: world.globex)
        let prompt = try await world.ask(flow, in: world.globex)
        let promptID = try (prompt["id"]?.string).orThrow("no id")
        let (upload, asset) = (UploadID.generate(), AssetID.generate())
        try await world.node.store.transaction(as: world.globex.id) { transaction in
            try await transaction.uploads.begin(
                Upload(
                    id: upload,
                    filename: "a.csv",
                    contentType: "text/csv",
                    bytes: 0,
                    sha256: nil,
                    createdBy: "x",
                    createdAt: .now()
                )
            )
            try await transaction.uploads.finish(upload, bytes: 1, sha256: String(repeating: "0", count: 64))
            try await transaction.assets.upsert([
                Asset(
                    id: asset,
                    key: "k",
                    flow: try FlowID(flow).orThrow("no id"),
                    name: "host",
                    type: nil,
                    environment: nil,
                    attributes: [:],
                    sourceRow: 1,
                    createdAt: .now()
                )
            ])
        }
        let draft = #"{"step":"s","kind":"confirmation","title":"T","allowed":["approve"]}"#
        let patch = "application/json-patch+json"
        return [
            "GET /v1/flows/{id}": Case(id: flow),
            "POST /v1/flows/{id}/cancel": Case(id: flow),
            "POST /v1/flows/{id}/retry": Case(id: flow),
            "PATCH /v1/flows/{id}/state": Case(id: flow, body: #"[{"op":"add","path":"/x","value":1}]"#, type: patch),
            "PUT /v1/flows/{id}/state": Case(id: flow, body: "{}"),
            "GET /v1/flows/{id}/state": Case(id: flow),
            "POST /v1/flows/{id}/events": Case(id: flow, body: #"{"type":"CUSTOM","name":"a","value":1}"#),
            "GET /v1/flows/{id}/events": Case(id: flow),
            "POST /v1/flows/{id}/prompts": Case(id: flow, body: draft),
            "GET /v1/prompts/{id}": Case(id: promptID),
            "POST /v1/prompts/{id}/claim": Case(id: promptID),
            "POST /v1/prompts/{id}/release": Case(id: promptID),
            "POST /v1/prompts/{id}/decision": Case(
                id: promptID,
                body: World.decision(prompt, "approve", key: "k").text
            ),
            "GET /v1/uploads/{id}": Case(id: upload.text),
            "GET /v1/assets/{id}": Case(id: asset.text),
            "GET /v1/streams/{stream}": Case(id: flow, prefix: "flow:"),
        ]
    }

    @Test func anothersIdsAreLikeNone() async throws {
        try await World.run { world in
            let cases = try await cases(world)
            let token = try await world.token(.admin, in: world.acme)
            let owner = try await world.token(.admin, in: world.globex)
            for route in Route.all where !route.path.captures.isEmpty {
                let name = "\(route.method) \(route.path.text)"
                let item = try #require(cases[name], "\(name) has no case here")
                func ask(_ id: String, as token: String, _ extra: [(String, String)] = []) async throws -> HTTPAnswer {
                    try await world.node.call(
                        route.method.rawValue,
                        route.path.text.replacing("{id}", with: id).replacing("{stream}", with: item.prefix + id),
                        as: token,
                        [("Content-Type", item.type)] + extra,
                        body: item.body
                    )
                }
                let theirs = try await ask(item.id, as: token)
                let nobodys = try await ask(FlowID.generate().text, as: token)
                let nonsense = try await ask("nonsense", as: token)
                #expect(theirs.status == 404, "\(name): \(theirs)")
                #expect(theirs.fingerprint == nobodys.fingerprint, "\(name)")
                #expect(theirs.fingerprint == nonsense.fingerprint, "\(name)")
                if route.method == .get {
                    // The id is one that its owner finds, or this test would prove nothing.
                    #expect(try await ask(item.id, as: owner).status == 200, "\(name)")
                }
                if route.isIdempotent {
                    let keyed = try await ask(item.id, as: token, [("Idempotency-Key", "k")])
                    #expect(keyed.fingerprint == nobodys.fingerprint, "\(name)")
                }
            }
        }
    }

    @Test func anothersStreamsAreLikeNone() async throws {
        try await World.run { world in
            let flow = try await world.makeFlow(in: world.globex)
            let prompt = try await world.ask(flow, in: world.globex)
            let client = try await world.node.connect(as: try await world.token(.admin))
            func error(_ method: String, _ params: JSON) async throws -> JSON {
                do {
                    return ["answered": try await client.request(method, params)]
                } catch let failed as RPCClient.Failed {
                    return failed.error
                }
            }
            let none = FlowID.generate().text
            for method in ["subscribe", "resync"] {
                let theirs = try await error(method, ["stream": .string("flow:\(flow)")])
                #expect(theirs == (try await error(method, ["stream": .string("flow:\(none)")])))
                #expect(theirs["data"]?["code"] == "not_found")
            }
            let patch: JSON = [["op": "add", "path": "/x", "value": 1]]
            let theirs = try await error("patch", ["flow": .string(flow), "patch": patch])
            #expect(theirs == (try await error("patch", ["flow": .string(none), "patch": patch])))
            for method in ["prompt.claim", "prompt.release", "prompt.decide"] {
                var params = try World.decision(prompt, "approve", key: "k").object.orThrow("an object")
                if method != "prompt.decide" { params = [:] }
                params["prompt"] = prompt["id"]
                let theirs = try await error(method, .object(params))
                params["prompt"] = .string(none)
                #expect(theirs == (try await error(method, .object(params))), "\(method)")
                #expect(theirs["data"]?["code"] == "not_found")
            }
            // The lists of one tenant know nothing of the other.
            for stream in ["flows", "prompts"] {
                let answer = try await client.request("subscribe", ["stream": .string(stream)])
                #expect(answer["snapshot"] == ["items": [:]])
            }
        }
    }
}
