import Domain
import HTTPTypes
import Identity
import JSON
import Server

extension Route {
    static let assets: [Route] = [
        Route(
            .get,
            "/v1/assets",
            .action(.readAssets),
            "The inventory, by name.",
            parameters: [
                .text("q", "Only assets with this text in their name or an attribute, in either case."),
                .text("environment", "Only assets of this environment."),
                .text("type", "Only assets of this type."),
                .text("flow", "Only assets that this flow found."),
            ] + Parameter.paging,
            answers: [Answer(200, "AssetList")]
        ) { try await $0.listAssets() },
        Route(
            .get,
            "/v1/assets/{id}",
            .action(.readAssets),
            "An asset.",
            answers: [Answer(200, "Asset")]
        ) { call in
            let id = try call.id(of: Asset.self)
            guard let asset = try await call.read({ try await $0.assets.find(id) }) else { throw Problem(.notFound) }
            return .json(asset.json)
        },
    ]
}

extension Call {
    fileprivate func listAssets() async throws -> Response {
        let (text, environment, type) = (try query("q"), try query("environment"), try query("type"))
        let flow = try queryID("flow", of: Flow.self)
        let (limit, cursor) = (try limit(), try cursor())
        let (found, total) = try await read { transaction in
            let found = try await transaction.assets.list(
                query: text,
                environment: environment,
                type: type,
                flow: flow,
                limit: limit,
                cursor: cursor
            )
            guard let flow, text == nil, environment == nil, type == nil else { return (found, Int?.none) }
            return (found, try await transaction.assets.count(flow: flow))
        }
        let assets = try page(found)
        return .page(assets.items.map(\.json), next: assets.next, extra: total.map { ["total": JSON($0)] } ?? [:])
    }
}

extension Asset {
    /// The asset as clients see it.
    fileprivate var json: JSON {
        [
            "id": JSON(id.text),
            "name": JSON(name),
            "type": type.map { JSON($0) } ?? .null,
            "environment": environment.map { JSON($0) } ?? .null,
            "attributes": attributes,
            "flow_id": JSON(flow.text),
            "source_row": JSON(sourceRow),
            "created_at": JSON(createdAt.rfc3339),
        ]
    }
}
