import CLinux
import Foundation
import Glibc
import Testing

@testable import Reactor

/// Listening on a path.
@Suite final class UnixSocketTests {
    private let folder: String
    private let path: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "signalbox-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = folder + "/socket"
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func open(_ count: Int = 1, mode: UInt32 = 0o660) throws -> [ListeningSocket] {
        try ListeningSocket.open(try #require(SocketAddress(unixPath: path)), count: count, mode: mode)
    }

    private var exists: Bool { FileManager.default.fileExists(atPath: path) }

    private func mode() throws -> UInt32 {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return status.st_mode & 0o777
    }

    @Test(arguments: [0o600, 0o660, 0o666] as [UInt32])
    func theModeIsTheOneAskedFor(mode: UInt32) throws {
        let sockets = try open(mode: mode)
        #expect(try self.mode() == mode)
        for socket in sockets { socket.close() }
        #expect(!exists)
    }

    @Test func allLoopsServeOneSocketAndTakeEachConnectionOnce() async throws {
        try await withWorkers(2) { workers in
            let sockets = try open(2)
            let accepted = Journal<Bool>()
            for (socket, worker) in zip(sockets, workers.workers) {
                try await worker.run { worker in
                    let acceptor = try Acceptor(
                        socket,
                        on: worker.loop,
                        onAccept: { descriptor, peer in
                            accepted.add(peer?.isUnix == true && peer?.host == "")
                            close(descriptor)
                        },
                        onExhaustion: { _ in }
                    )
                    worker.attach(acceptor)
                }
            }
            let address = sockets[0].address
            let endings = await onThread { (0..<200).map { _ in (try? UnixPeer(to: address))?.waitForEnd() } }
            #expect(endings.allSatisfy { $0 == true })
            #expect(accepted.all == Array(repeating: true, count: 200))
            for worker in workers.workers { await worker.run { $0.attachment(Acceptor.self)?.close() } }
            #expect(!exists)
        }
    }

    @Test func whatADeadProcessLeftIsReplaced() throws {
        let left = try open()[0]
        close(left.descriptor)
        #expect(exists)
        let next = try open()[0]
        let peer = try UnixPeer(to: next.address)
        withExtendedLifetime(peer) {}
        next.close()
        #expect(!exists)
    }

    @Test func whereSomebodyListensNobodyElseCan() throws {
        let owner = try open()[0]
        defer { owner.close() }
        let error = #expect(throws: SystemError.self) { _ = try open() }
        #expect(error?.isAddressInUse == true)
        // It is not disturbed.
        let peer = try UnixPeer(to: owner.address)
        withExtendedLifetime(peer) {}
    }

    @Test func aFileOfAnotherKindIsNotTouched() throws {
        try Data("mine".utf8).write(to: URL(filePath: path))
        let error = #expect(throws: SystemError.self) { _ = try open() }
        #expect(error?.isAddressInUse == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
    }

    @Test func theFileOfANextOwnerStays() throws {
        let first = try open()[0]
        unlink(path)
        let second = try open()[0]
        first.close()
        #expect(exists)
        second.close()
        #expect(!exists)
    }

    @Test func aFolderThatIsNotThereIsSaid() throws {
        let address = try #require(SocketAddress(unixPath: folder + "/none/socket"))
        let error = #expect(throws: SystemError.self) { _ = try ListeningSocket.open(address, count: 1) }
        #expect(error == SystemError("bind", code: ENOENT))
    }

    @Test(arguments: ["", String(repeating: "x", count: 108), "a\u{0}b"])
    func pathsThatNoSocketCanHaveAreRefused(path: String) { #expect(SocketAddress(unixPath: path) == nil) }

    /// Without a reserve accepting pauses, and goes on by itself: also on a shared socket, whose registration cannot be
    /// changed.
    @Test func aPauseOnASharedSocketEnds() async {
        await #expect(processExitsWith: .success) {
            try await withWorkers { workers in
                let path = FileManager.default.temporaryDirectory.appending(path: "signalbox-\(UUID())").path
                let address = try #require(SocketAddress(unixPath: path))
                let sockets = try ListeningSocket.open(address, count: 2)
                defer { sockets[1].close() }
                let (accepted, began) = (Journal<Int32>(), Journal<Int32>())
                let peers = try (0..<8).map { _ in try UnixPeer() }
                var limit = rlimit()
                getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                limit.rlim_cur = 200
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                let hoard = Hoard()
                try await workers.local.run { worker in
                    // The acceptor finds none to keep.
                    hoard.fill()
                    let acceptor = try Acceptor(
                        sockets[0],
                        on: worker.loop,
                        onAccept: { descriptor, _ in accepted.add(descriptor) },
                        onExhaustion: { if case .began(let error) = $0 { began.add(error.code) } }
                    )
                    worker.attach(acceptor)
                }
                for peer in peers { try peer.connect(to: address) }
                #expect(await began.wait { !$0.isEmpty } == [EMFILE])
                hoard.empty()
                #expect(await accepted.wait { $0.count == peers.count }.count == peers.count)
            }
        }
    }
}

/// All descriptors that there are.
private final class Hoard: Sendable {
    private let descriptors = Journal<Int32>()

    func fill() {
        while true {
            let descriptor = dup(0)
            guard descriptor >= 0 else { return }
            descriptors.add(descriptor)
        }
    }

    func empty() { for descriptor in descriptors.all { close(descriptor) } }
}

/// A blocking client of a Unix socket.
private final class UnixPeer: Sendable {
    private let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)

    init() throws { try #require(descriptor >= 0) }

    convenience init(to address: SocketAddress) throws {
        try self.init()
        try connect(to: address)
    }

    deinit { close(descriptor) }

    func connect(to address: SocketAddress) throws {
        let code = address.withSockaddr { Glibc.connect(descriptor, $0, $1) }
        try #require(code == 0, "connect: \(errno)")
    }

    /// Whether the other side ends the connection in an orderly way within ten seconds.
    func waitForEnd() -> Bool {
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, 0) == 0
    }
}
