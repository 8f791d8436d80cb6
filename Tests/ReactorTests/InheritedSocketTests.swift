import CLinux
import Foundation
import Glibc
import Testing

@testable import Reactor

/// Sockets from the service manager. The environment is the process's, so each case has a process of its own.
@Suite struct InheritedSocketTests {
    @Test func whatIsPassedIsTakenOnceWithItsNames() async {
        await #expect(processExitsWith: .success) {
            let first = try passed(2)
            setenv("LISTEN_FDNAMES", "web:admin", 1)
            let taken = try InheritedSocket.take(startingAt: first)
            #expect(taken.map(\.name) == ["web", "admin"])
            #expect(taken.allSatisfy { $0.address.isLoopback && $0.address.port != 0 })
            for descriptor in first..<(first + 2) {
                #expect(fcntl(descriptor, F_GETFD, 0) & FD_CLOEXEC != 0)
                #expect(fcntl(descriptor, F_GETFL, 0) & O_NONBLOCK != 0)
            }
            for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { #expect(getenv(name) == nil) }
            #expect(try InheritedSocket.take(startingAt: first).isEmpty)
            let shared = try taken[0].sockets(count: 3)
            #expect(Set(shared.map(\.descriptor)).count == 3 && shared.allSatisfy(\.isShared))
            #expect(shared.allSatisfy { $0.address == taken[0].address })
        }
    }

    @Test func namesAreNotNeeded() async {
        await #expect(processExitsWith: .success) {
            let taken = try InheritedSocket.take(startingAt: try passed(1))
            #expect(taken.count == 1 && taken[0].name == nil)
        }
    }

    @Test func whatIsMeantForAnotherProcessIsLeft() async {
        await #expect(processExitsWith: .success) {
            let first = try passed(1)
            setenv("LISTEN_PID", "\(getppid())", 1)
            #expect(try InheritedSocket.take(startingAt: first).isEmpty)
            #expect(fcntl(first, F_GETFD, 0) >= 0)
            #expect(getenv("LISTEN_FDS") == nil)
        }
    }

    @Test func whatIsNoListeningSocketIsRefusedAndAllAreClosed() async {
        await #expect(processExitsWith: .success) {
            for kind in [SOCK_STREAM, SOCK_DGRAM] {
                let first = try passed(1)
                let other = socket(AF_INET, Int32(kind.rawValue), 0)
                try #require(dup2(other, first + 1) == first + 1)
                setenv("LISTEN_FDS", "2", 1)
                setenv("LISTEN_FDNAMES", "web:wrong", 1)
                let error = #expect(throws: InheritedSocketError.self) {
                    _ = try InheritedSocket.take(startingAt: first)
                }
                #expect(error == .notListening(descriptor: first + 1, name: "wrong"))
                #expect(error?.description.contains("(wrong)") == true)
                for descriptor in first...(first + 1) { #expect(fcntl(descriptor, F_GETFD, 0) < 0) }
            }
        }
    }

    @Test func aCountThatIsNoneIsRefused() async {
        await #expect(processExitsWith: .success) {
            for count in ["", "x", "-1", "1025"] {
                setenv("LISTEN_PID", "\(getpid())", 1)
                setenv("LISTEN_FDS", count, 1)
                let error = #expect(throws: InheritedSocketError.self) { _ = try InheritedSocket.take() }
                #expect(error == .invalidCount(count))
            }
        }
    }
}

/// Puts blocking listening sockets on `count` numbers in a row, far from those in use, and says so in the environment;
/// returns the first number.
private func passed(_ count: Int32) throws -> Int32 {
    let first: Int32 = 300
    for index in 0..<count {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        try #require(any.withSockaddr { bind(descriptor, $0, $1) } == 0)
        try #require(listen(descriptor, 8) == 0)
        try #require(dup2(descriptor, first + index) == first + index)
        close(descriptor)
    }
    setenv("LISTEN_PID", "\(getpid())", 1)
    setenv("LISTEN_FDS", "\(count)", 1)
    return first
}
