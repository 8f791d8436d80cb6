import Foundation
import Glibc
import Testing

@testable import signalbox

/// What a service manager hears.
struct ServiceManagerTests {
    /// A path, and an abstract name, which is not a file.
    @Test(arguments: ["@signalbox-\(UUID())", "\(FileManager.default.temporaryDirectory.path)/signalbox-\(UUID())"])
    func startAndEndAreTold(name: String) throws {
        let ear = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer {
            close(ear)
            unlink(name)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(name.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { field in
            field.copyBytes(from: bytes)
            if bytes.first == UInt8(ascii: "@") { field[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(ear, $0, length) }
        }
        try #require(code == 0)
        let manager = ServiceManager(socketPath: name)
        for (state, text) in [(ServiceManager.State.ready, "READY=1"), (.stopping, "STOPPING=1")] {
            manager.tell(state)
            var buffer = [UInt8](repeating: 0, count: 100)
            let count = recv(ear, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            #expect(count > 0 && String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == text)
        }
    }

    @Test(arguments: [nil, "", "relative", "/nobody/listens", "/" + String(repeating: "x", count: 200)])
    func whereNobodyListensNothingHappens(name: String?) { ServiceManager(socketPath: name).tell(.ready) }
}
