import CLinux
import Foundation
import Glibc
import TestSupport
import Testing
import WebSocket

@testable import Reactor
@testable import Server

/// What concerns descriptors of the whole process runs in a process of its own.
@Suite struct DescriptorTests {
    /// Connections that break one limit or another, again and again.
    @Test func brokenLimitsLeaveNoDescriptor() async {
        await #expect(processExitsWith: .success) {
            try await withServer {
                $0.maximumConnections = 300
                $0.maximumConnectionsPerAddress = 10
                $0.unlimitedAddresses = []
                $0.headerTimeout = .milliseconds(100)
                $0.bodyTimeout = .milliseconds(100)
                $0.webSocket.messageBytes = 1000
            } _: { running in
                running.handler.gate.open()
                let post = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n"
                let broken: [(TestClient) throws -> Void] = [
                    { $0.send("GET / HTTP/1.1\r\nHost") },
                    { $0.send(post + "a") },
                    { $0.send(post.replacing("/echo", with: "/count") + "a") },
                    { $0.send("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n") },
                    { $0.send(RefusedRequest.all[1].text) },
                    {
                        let peer = try WebSocketPeer($0)
                        peer.send(.binary, [UInt8](repeating: 0, count: 2000))
                    },
                ]
                try running.answerOnce()
                let before = ProcessState.descriptorCount
                for number in 0..<1000 {
                    // From many addresses: two turns of ten connections each, and the last of them is one too many.
                    let host = "127.0.0.\(2 + number / 11 % 200)"
                    let client = try running.client(from: host)
                    if number % 11 == 10 { continue }
                    try broken[number % broken.count](client)
                    if number.isMultiple(of: 7) { #expect(client.rest().ending == .end) }
                }
                #expect(eventually { running.connectionCount == 0 })
                #expect(eventually { abs(ProcessState.descriptorCount - before) <= 2 })
                try running.answerOnce()
            }
        }
    }

    /// Those that are open are served on; who comes meanwhile is told why not; afterwards all is as before.
    @Test func withoutDescriptorsThoseThatAreOpenAreServedOn() async {
        await #expect(processExitsWith: .success) {
            let log = Journal<String>()
            try await withServer(log: log) { _ in
            } _: { running in
                let client = try running.client()
                let peer = try WebSocketPeer(try running.client())
                try running.answerOnce()
                // Its descriptor must not come back while there are to be none.
                try #require(eventually { running.connectionCount == 2 })
                var limit = rlimit()
                getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                limit.rlim_cur = 256
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                let before = ProcessState.descriptorCount
                var late = try (0..<30).map { _ in try TestClient() }
                var hoard: [Int32] = []
                while true {
                    let descriptor = dup(0)
                    guard descriptor >= 0 else { break }
                    hoard.append(descriptor)
                }
                for client in late { try client.connect(to: running.server.address) }
                for client in late {
                    let response = try client.response()
                    #expect(response.status == 503 && response.text == "full: open_file_limit of 256")
                    #expect(client.rest().ending == .end)
                }
                client.send("GET /still HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try client.response().text == "/still")
                peer.send("still")
                #expect(try peer.text() == "still")
                for descriptor in hoard { close(descriptor) }
                late = []
                #expect(eventually { log.all.count == 2 })
                #expect(log.all.first?.contains("open_file_limit is 256") == true)
                #expect(log.all.last?.contains("30 were refused") == true)
                try running.answerOnce()
                #expect(eventually { abs(ProcessState.descriptorCount - before) <= 2 })
            }
        }
    }
}

extension RunningServer {
    /// A request that is answered as always.
    fileprivate func answerOnce() throws {
        let client = try client(sending: "GET /fine HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        #expect(try client.response().text == "/fine")
        #expect(client.rest().ending == .end)
    }
}

/// What the process holds.
private enum ProcessState {
    static var descriptorCount: Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).count
    }
}
