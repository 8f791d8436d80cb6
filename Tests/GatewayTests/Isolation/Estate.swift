import Domain
import Foundation
import Identity
import JSON
import TestSupport

@testable import Gateway

/// One of everything that a tenant can have. Every text in it has the tenant's name.
struct Estate {
    let tenant: Tenant
    /// Somebody who may do everything, with the same name in every tenant.
    let token: String
    let flow: String
    let prompt: JSON
    let upload: String
    let asset: String
    let user: String
    let webhook: String
    /// On its way to the webhook.
    let delivery: String
    /// Where its streams stand, in the order of ``streams``.
    let positions: [Place]
    /// The end of the first page of each list, by its path; that of the webhook's deliveries by `deliveries`.
    let cursors: [String: String]

    var promptID: String { prompt["id"]?.string ?? "" }
    var streams: [String] { ["flow:\(flow)", "flows", "prompts"] }

    /// A position, `<epoch>:<seq>` as text.
    struct Place {
        var epoch: String
        let seq: Int

        var text: String { "\(epoch):\(seq)" }
        /// The same place in a log that never was.
        var madeUp: Place { Place(epoch: FlowID.generate().text, seq: seq) }
    }

    static let lists = ["/v1/flows", "/v1/prompts", "/v1/assets", "/v1/audit", "/v1/webhooks"]

    static func make(_ world: World, _ tenant: Tenant) async throws -> Estate {
        let token = try await world.token(.admin, in: tenant)
        let user = User(
            id: .generate(),
            email: "\(tenant.name)@example.test",
            name: "Ann of \(tenant.name)",
            roles: [.admin],
            passwordHash: try await World.hasher.hash(Secret(World.password))
        )
        _ = try await world.database.makeTenant(tenant.name, users: [user])
        var flows: [String] = []
        for number in 0..<3 { flows.append(try await makeFlow(world, tenant, number)) }
        let prompt = try await world.ask(flows[0], title(tenant), in: tenant)
        for _ in 0..<2 { _ = try await world.ask(flows[1], title(tenant), in: tenant) }
        let assets = try await makeAssets(world, tenant, flow: flows[0])
        let (webhook, delivery) = try await makeWebhook(world, tenant, token)
        var cursors: [String: String] = [:]
        let paths = lists.map { ($0, $0) } + [("deliveries", "/v1/webhooks/\(webhook)/deliveries")]
        for (name, path) in paths {
            let page = try await world.node.call("GET", "\(path)?limit=1", as: token)
            cursors[name] = try (try page.json()["next_cursor"]?.string).orThrow("one page only: \(page)")
        }
        var positions: [Place] = []
        for stream in ["flow:\(flows[0])", "flows", "prompts"] {
            let page = try await world.node.call("GET", "/v1/streams/\(stream)", as: token).json()
            let epoch = try (page["epoch"]?.string).orThrow("no epoch: \(page)")
            positions.append(Place(epoch: epoch, seq: try (page["seq"]?.int).orThrow("no seq: \(page)")))
        }
        return Estate(
            tenant: tenant,
            token: token,
            flow: flows[0],
            prompt: prompt,
            upload: try await makeUpload(world, tenant, token),
            asset: assets[0],
            user: user.id.text,
            webhook: webhook,
            delivery: delivery,
            positions: positions,
            cursors: cursors
        )
    }

    static func makeFlow(_ world: World, _ tenant: Tenant, _ number: Int = 0) async throws -> String {
        let body: JSON = [
            "type": "external", "title": JSON("flow \(number) of \(tenant.name)"), "state": ["of": JSON(tenant.name)],
            "metadata": ["of": JSON(tenant.name)],
        ]
        let token = try await world.token(.admin, in: tenant)
        let answer = try await world.node.call("POST", "/v1/flows", as: token, body: body.text)
        return try (try answer.json()["id"]?.string).orThrow("no flow: \(answer)")
    }

    /// Two webhooks, and two messages on their way to the first.
    private static func makeWebhook(_ world: World, _ tenant: Tenant, _ token: String) async throws -> (String, String)
    {
        var made: [String] = []
        for number in 0..<2 {
            let body: JSON = [
                "url": JSON("https://\(tenant.name).example/\(number)"), "description": JSON("of \(tenant.name)"),
                "events": ["custom.*"],
            ]
            let answer = try await world.node.call("POST", "/v1/webhooks", as: token, body: body.text)
            made.append(try (try answer.json()["id"]?.string).orThrow("no webhook: \(answer)"))
        }
        var delivery = ""
        for _ in 0..<2 {
            let answer = try await world.node.call("POST", "/v1/webhooks/\(made[0])/test", as: token)
            delivery = try (try answer.json()["id"]?.string).orThrow("no delivery: \(answer)")
        }
        return (made[0], delivery)
    }

    private static func title(_ tenant: Tenant) -> JSON {
        ["title": JSON("question of \(tenant.name)"), "shown": ["of": JSON(tenant.name)]]
    }

    private static func makeUpload(_ world: World, _ tenant: Tenant, _ token: String) async throws -> String {
        let fields = [("Content-Type", "text/csv"), ("X-Filename", "\(tenant.name).csv")]
        let answer = try await world.node.call("POST", "/v1/uploads", as: token, fields, body: "of,\(tenant.name)\n")
        return try (try answer.json()["id"]?.string).orThrow("no upload: \(answer)")
    }

    /// Only flows make assets, and the flows here are external.
    private static func makeAssets(_ world: World, _ tenant: Tenant, flow: String) async throws -> [String] {
        let flow = try FlowID(flow).orThrow("no id")
        let assets = (0..<3).map { number in
            Asset(
                id: .generate(),
                key: "k\(number)",
                flow: flow,
                name: "host \(number) of \(tenant.name)",
                type: "type of \(tenant.name)",
                environment: "environment of \(tenant.name)",
                attributes: ["of": JSON(tenant.name)],
                sourceRow: number,
                createdAt: .now()
            )
        }
        try await world.node.store.transaction(as: tenant.id) { try await $0.assets.upsert(assets) }
        return assets.map(\.id.text)
    }

    /// A cursor like this one that no list ever gave out: another id at the same place, and where there are only numbers,
    /// the next one.
    static func madeUp(like cursor: String) throws -> String {
        var text = cursor.replacing("-", with: "+").replacing("_", with: "/")
        while text.utf8.count % 4 != 0 { text += "=" }
        let bytes = try Data(base64Encoded: text).orThrow("no cursor: \(cursor)")
        var parts = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\u{1F}")
        let last = parts.removeLast()
        parts.append(Int64(last).map { String($0 + 1) } ?? Identifier<Never>.generate().text)
        return Data(parts.joined(separator: "\u{1F}").utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
