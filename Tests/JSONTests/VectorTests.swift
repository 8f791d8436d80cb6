import Foundation
import JSON
import Testing

/// The cases of `protocol/vectors`, on which server and clients agree.
struct VectorTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let file: String
        let json: JSON

        var testDescription: String { "\(file): \(json["name"]?.string ?? "")" }

        /// A member that is JSON text in a string.
        func text(_ name: String) throws -> String {
            try #require(json[name]?.string, "\(testDescription) has no \(name)")
        }
        func document(_ name: String) throws -> JSON { try JSON.parse(text(name)) }
    }

    private static let all = Result { () throws -> [Vector] in
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder = root.appendingPathComponent("protocol/vectors")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .filter { $0.hasSuffix(".json") }
            .flatMap { file in
                let bytes = Array(try Data(contentsOf: folder.appendingPathComponent(file)))
                return (try JSON.parse(bytes).array ?? []).map { Vector(file: file, json: $0) }
            }
    }

    @Test func thereAreManyOfEachKind() throws {
        let kinds = Dictionary(grouping: try Self.all.get()) { $0.json["kind"]?.string ?? "" }
        for kind in ["written", "canonical", "digest", "equal", "apply"] {
            #expect(kinds[kind]?.count ?? 0 >= 20, "\(kind)")
        }
        #expect(kinds.count == 5)
    }

    @Test func theyHold() throws {
        for vector in try Self.all.get() {
            do {
                try check(vector)
            } catch {
                Issue.record("\(vector.testDescription): \(error)")
            }
        }
    }

    private func check(_ vector: Vector) throws {
        let name = Comment(rawValue: vector.testDescription)
        switch vector.json["kind"] {
        case "written": #expect(try vector.document("text").text == vector.text("written"), name)
        case "canonical":
            let canonical = String(decoding: try vector.document("text").canonical(), as: UTF8.self)
            #expect(try canonical == vector.text("canonical"), name)
        case "digest": #expect(try vector.document("text").digest == vector.text("digest"), name)
        case "equal":
            let isEqual = try vector.document("left") == vector.document("right")
            #expect(isEqual == vector.json["equal"]?.bool, name)
        case "apply":
            let result = Result {
                try JSONPatch(json: vector.document("patch")).apply(to: vector.document("document"))
            }
            if vector.json["error"] == true {
                #expect(throws: JSONPatchError.self, name) { try result.get() }
            } else {
                let expected = try vector.document("result")
                #expect(try result.get() == expected, name)
                #expect(try result.get().canonical() == expected.canonical(), name)
            }
        default: Issue.record("\(vector.testDescription) is of no known kind")
        }
    }
}
