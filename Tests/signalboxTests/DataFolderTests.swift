import Foundation
import Testing

@testable import signalbox

struct DataFolderTests {
    let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    @Test func belongsToOneAtATime() throws {
        let name = temporary.path + "/a/b"
        do {
            let folder = try DataFolder(name)
            let failure = #expect(throws: Failure.self) { _ = try DataFolder(name) }
            #expect(failure?.code == .busy)
            #expect(failure?.sentence.contains("process \(getpid())") == true)
            _ = folder.path
        }
        _ = try DataFolder(name)
    }

    @Test func aFileIsNoFolder() throws {
        try temporary.write("", to: "file")
        let failure = #expect(throws: Failure.self) { _ = try DataFolder(temporary.path + "/file") }
        #expect(failure?.code == .brokenData)
    }

    @Test func textIsMadeOnceAndKeptPrivate() throws {
        let folder = try DataFolder(temporary.path)
        let first = try folder.text("secret") { RandomText.make(48) }
        #expect(first.count == 48)
        #expect(try folder.text("secret") { RandomText.make(48) } == first)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("secret"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func passwordsSurviveARestart() throws {
        let folder = try DataFolder(temporary.path)
        #expect(try DevFile.read(in: folder) == nil)
        let first = DevFile(url: "http://127.0.0.1:1", keeping: nil)
        try first.write(to: folder)
        let second = DevFile(url: "http://127.0.0.1:2", keeping: try DevFile.read(in: folder))
        #expect(second.tenants == first.tenants)
        #expect(second.url == "http://127.0.0.1:2")
        #expect(first.tenants.map(\.name) == ["acme", "globex"])
        let emails = first.tenants.flatMap(\.users).map(\.email)
        #expect(emails.contains("reviewer@globex.example"))
        #expect(Set(first.tenants.flatMap(\.users).map(\.password)).count == emails.count)
    }

    @Test func aBrokenDevFileIsNamed() throws {
        let folder = try DataFolder(temporary.path)
        try temporary.write("{", to: DevFile.name)
        let failure = #expect(throws: Failure.self) { _ = try DevFile.read(in: folder) }
        #expect(failure?.code == .brokenData)
        #expect(failure?.sentence.contains(DevFile.name) == true)
    }
}
