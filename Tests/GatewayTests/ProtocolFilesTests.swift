import Domain
import Foundation
import JSON
import JSONSchema
import TestSupport
import Testing

@testable import Gateway

/// The committed files say what the code does. `SIGNALBOX_UPDATE_PROTOCOL=1 swift test` writes them anew.
struct ProtocolFilesTests {
    @Test func theGeneratedFilesAreUpToDate() throws {
        var files: [(name: String, content: JSON)] = [
            ("openapi.json", OpenAPI.document(version: GatewayConfiguration().version)),
            ("errors.json", ErrorRegister.document),
        ]
        for schema in WireSchema.all where WireSchema.published.contains(schema.name) {
            files.append(("schemas/\(schema.fileName)", schema.file))
        }
        for file in files {
            let content = Data(file.content.prettyPrinted)
            if ProtocolFolder.isUpdating { try ProtocolFolder.write(content, to: file.name) }
            let isEqual = try ProtocolFolder.read(file.name) == content
            #expect(isEqual, "protocol/\(file.name) is out of date")
        }
    }

    @Test func theNumbersOfErrorsKeepToTheirRanges() {
        for code in ProblemCode.allCases {
            let meaning = code.meaning
            #expect((400...599).contains(meaning.status), "\(code)")
            let isStandard = [-32700, -32600, -32601, -32602, -32603].contains(meaning.number)
            #expect(isStandard || (-32099 ... -32000).contains(meaning.number), "\(code)")
            // Only a fault of ours may fall through to the last line of the register.
            #expect((meaning.number == -32603) == (code == .internalError), "\(code)")
            if let close = meaning.close { #expect((1000...1013).contains(close) || (4400...4499).contains(close)) }
        }
    }

    @Test func theSocketsDocumentKnowsEveryMethodAndCode() throws {
        let text = String(decoding: try ProtocolFolder.read("asyncapi.yaml"), as: UTF8.self)
        for method in RPCMethod.allCases {
            #expect(text.contains("const: \(method.rawValue)\n"), "\(method.rawValue) is not in asyncapi.yaml")
        }
        for notification in ["event", "snapshot", "goaway", "service", "auth.expiring"] {
            #expect(text.contains("const: \(notification)\n"), "\(notification) is not in asyncapi.yaml")
        }
        for close in Set(ProblemCode.allCases.compactMap(\.meaning.close)) {
            #expect(text.contains("\(close)"), "close code \(close) is not in asyncapi.yaml")
        }
    }

    @Test(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
    func whatIsSentKeepsToThePublishedSchemas() async throws {
        try await SharedWorld.run { world in
            func check(_ value: JSON, _ file: String) throws {
                let schema = try JSONSchema(try JSON.parse(Array(try ProtocolFolder.read("schemas/\(file)"))))
                #expect(schema.validate(value).isEmpty, "\(file): \(schema.validate(value)) in \(value.text)")
            }
            let flow = try await world.makeFlow(["n": 1])
            let client = try await world.node.connect(as: try await world.token(.agent, .reviewer))
            _ = try await client.request("subscribe", ["stream": .string("flow:\(flow)")])
            let prompt = try await world.ask(flow)
            try check(prompt, "prompt.json")
            try check(try await client.next(), "event-notification.json")
            let shown = try await world.node.call("GET", "/v1/flows/\(flow)", as: try await world.token(.viewer))
            try check(try shown.json(), "flow.json")
            var decision = try World.decision(prompt, "approve", key: "k").object.orThrow("an object")
            try check(.object(decision), "decision.json")
            decision["prompt"] = prompt["id"]
            try check(try await client.request("prompt.decide", .object(decision)), "prompt.json")
            decision["idempotency_key"] = "other"
            let late = try await world.node.call(
                "POST",
                "/v1/prompts/\(prompt["id"]?.string ?? "")/decision",
                as: try await world.token(.reviewer),
                body: JSON.object(decision).text
            )
            #expect(late.code == "already_decided")
            try check(try late.json(), "problem.json")
        }
    }
}
