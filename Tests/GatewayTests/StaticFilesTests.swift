import Domain
import Foundation
import HTTP
import HTTPTypes
import JSON
import Server
import TestSupport
import Testing

@testable import Gateway

@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct StaticFilesTests {
    @Test func thePageIsServedAsItLies() async throws {
        let root = ProtocolFolder.root.appending(path: "web-static")
        try await World.run(webRoot: root.path) { world in
            let index = try Data(contentsOf: root.appending(path: "index.html"))
            let page = try await world.node.call("GET", "/")
            #expect(page.status == 200 && Data(page.body) == index)
            #expect(page["Content-Type"] == "text/html; charset=utf-8" && page["Cache-Control"] == "no-cache")
            #expect(page["X-Content-Type-Options"] == "nosniff" && page["Referrer-Policy"] != nil)
            #expect(page["Cross-Origin-Opener-Policy"] == "same-origin" && page["Permissions-Policy"] != nil)
            let tag = try #require(page["ETag"])
            let again = try await world.node.call("GET", "/index.html", [("If-None-Match", "W/\"x\", \(tag)")])
            #expect(again.status == 304 && again.body.isEmpty && again["ETag"] == tag)
            let script = try await world.node.call("GET", "/app.js")
            #expect(script["Content-Type"] == "text/javascript; charset=utf-8")
            let docs = try await world.node.call("GET", "/docs")
            #expect(docs.status == 200 && docs["Content-Type"] == "text/html; charset=utf-8")
            let head = try await world.node.call("HEAD", "/app.js")
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(try await world.node.call("POST", "/app.js")["Allow"] == "GET, HEAD, OPTIONS")
            #expect(try await world.node.call("OPTIONS", "/app.js").status == 204)
            for path in ["/../Makefile", "/%2e%2e/Makefile", "/app.js/", "//app.js", "/styles", "/.git/config"] {
                let answer = try await world.node.call("GET", path)
                #expect(answer.status == 404 && answer.code == "not_found", "\(path): \(answer)")
            }
        }
    }

    @Test func onlyPlainFilesOfTheFolderAreRead() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder.appending(path: "a"), withIntermediateDirectories: true)
        try Data("x".utf8).write(to: folder.appending(path: "a/b.txt"))
        try Data("x".utf8).write(to: folder.appending(path: ".hidden"))
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "link.txt"),
            withDestinationURL: URL(filePath: "/etc/hostname")
        )
        let files = try StaticFiles(root: folder.path)
        #expect(try files.answer(.init(method: .get, target: "/a/b.txt"), now: 0).status == .ok)
        for target in ["/.hidden", "/link.txt", "/a", "/"] {
            #expect(throws: Problem.self) { try files.answer(.init(method: .get, target: target), now: 0) }
        }
        #expect(throws: StaticFilesError.self) { try StaticFiles(root: folder.path + "/nothing") }
    }

    @Test func theSystemCallsNeedNobody() async throws {
        try await SharedWorld.run { world in
            #expect(try await world.node.call("GET", "/healthz").status == 200)
            #expect(try await world.node.call("GET", "/readyz").status == 200)
            let document = try await world.node.call("GET", "/openapi.json")
            #expect(Data(document.body) == (try ProtocolFolder.read("openapi.json")))
            #expect(
                try await world.node.call("GET", "/openapi.json", [("If-None-Match", document["ETag"] ?? "")]).status
                    == 304
            )
            let types = try await world.node.call("GET", "/v1/flow-types", as: try await world.token(.viewer))
            #expect(try types.json()["items"] == [["type": JSON(Node.flowType)], ["type": "external"]])
            let assets = try await world.node.call("GET", "/v1/assets?q=x&limit=5", as: try await world.token(.viewer))
            #expect(try assets.json() == ["items": [], "next_cursor": .null])
            let upgrade = try await world.node.call("GET", "/v1/ws")
            #expect(upgrade.status == 426 && upgrade["Sec-WebSocket-Version"] == "13")
        }
    }
}
