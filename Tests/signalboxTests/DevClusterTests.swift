import Foundation
import Testing

@testable import signalbox

struct DevClusterTests {
    @Test func aMissingPostgresNamesItsPackage() {
        let failure = #expect(throws: Failure.self) { try DevCluster.checkBinaries(in: "/nonexistent") }
        #expect(failure?.code == .missingPackage)
        #expect(failure?.sentence.contains("apt-get install postgresql-15") == true)
    }

    /// `sun_path` holds 107 bytes.
    @Test(arguments: [10, 60, 77, 78, 200])
    func theSocketPathAlwaysFits(_ length: Int) {
        let root = "/" + String(repeating: "x", count: length - 1)
        let location = ClusterLocation(root: root)
        #expect((location.socket + "/.s.PGSQL.5432").utf8.count <= 107)
        #expect(location.socket == ClusterLocation(root: root).socket)
        #expect((location.socket == root + "/socket") == (length + 21 <= 107))
    }

    @Test func theURLEscapesThePath() {
        let url = ClusterLocation(root: "/srv/ä b").databaseURL
        #expect(url == "postgresql://postgres@/signalbox?host=%2Fsrv%2F%C3%A4%20b%2Fsocket")
    }

    @Test func readsThePostmasterFile() throws {
        let text = "4711\n/srv/data\n1700000000\n5432\n/srv/socket\n\n  123456  0\nready   \n"
        let file = try #require(PostmasterFile(text))
        #expect(file.process == 4711)
        #expect(file.status == .ready)
        #expect(PostmasterFile("4711\n/srv/data\n")?.status == nil)
        for broken in ["", "\n", "nonsense\n", "0\n", "-5\n"] { #expect(PostmasterFile(broken) == nil) }
    }

    /// A process id that was given to somebody else since must not be taken for Postgres.
    @Test func aStrangerIsNotThePostmaster() throws {
        let file = try #require(PostmasterFile("\(getpid())\n"))
        #expect(!file.isRunning(in: "/nonexistent"))
        #expect(file.isRunning(in: FileManager.default.currentDirectoryPath))
    }
}
