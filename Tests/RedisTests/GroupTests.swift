import Locking
import Reactor
import TestSupport
import Testing

@testable import Redis

/// How many entries a member has room for.
private final class Room: Sendable {
    private let places: Mutex<Int>

    init(_ places: Int) { self.places = Mutex(places) }

    var free: Int {
        get { places.withLock(\.self) }
        set { places.withLock { $0 = newValue } }
    }
}

/// A member with what it tells, and as much room as it is given.
private final class Member {
    let group: RedisGroup
    let room: Room
    private var events: AsyncStream<RedisGroupEvent>.AsyncIterator

    init(_ server: RedisServer, room places: Int = 5) throws {
        var options = RedisOptions()
        options.shortestBackoff = .milliseconds(1)
        options.longestBackoff = .milliseconds(20)
        options.heartbeat = .milliseconds(100)
        group = RedisGroup(
            try RedisConfiguration("redis://127.0.0.1:\(server.port)"),
            options: options,
            worker: TestDatabase.workers.workers[0],
            blockingPool: TestDatabase.blockingPool
        )
        let (stream, continuation) = AsyncStream.makeStream(of: RedisGroupEvent.self)
        events = stream.makeAsyncIterator()
        let room = Room(places)
        self.room = room
        group.join("work", room: { room.free }) { continuation.yield($0) }
    }

    func next() async -> RedisGroupEvent? { await events.next(isolation: #isolation) }

    /// Waits for entries.
    func entries() async -> Int {
        while let event = await next() { if case .entries(let count) = event { return count } }
        return 0
    }
}

@Suite(.enabled(if: RedisServer.isAvailable, "Redis is not installed"), .timeLimit(.minutes(1)))
struct GroupTests {
    @Test func eachEntryGoesToOneMember() async throws {
        let server = try RedisServer()
        let members = [try Member(server), try Member(server), try Member(server)]
        for member in members { #expect(await member.next() == .joined) }
        let total = 300
        members[0].group.add(total)
        let taken = { members.map { $0.group.metrics[.received] } }
        while taken().reduce(0, +) < total { await TestDatabase.workers.workers[0].sleep(for: .milliseconds(2)) }
        #expect(taken().reduce(0, +) == total)
        #expect(taken().allSatisfy { $0 > 0 }, "\(taken())")
        for member in members { await member.group.close() }
        #expect(members.allSatisfy { !$0.group.isJoined })
    }

    @Test func whoHasNoRoomLeavesEntriesToOthers() async throws {
        let server = try RedisServer()
        let full = try Member(server, room: 0)
        #expect(await full.next() == .joined)
        full.group.add(7)
        let other = try Member(server, room: 4)
        #expect(await other.next() == .joined)
        #expect(await other.entries() == 4)
        #expect(await other.entries() == 3)
        await other.group.close()
        full.group.add(2)
        full.room.free = 1
        #expect(await full.next() == .entries(1))
        #expect(await full.next() == .entries(1))
        await full.group.close()
    }

    @Test func aGroupThatIsGoneIsMadeAgain() async throws {
        let server = try RedisServer()
        let member = try Member(server)
        #expect(await member.next() == .joined)
        _ = try server.cli("FLUSHALL")
        guard case .left(.refused) = await member.next() else {
            Issue.record("the group was not missed")
            return
        }
        #expect(await member.next() == .joined)
        member.group.add(1)
        #expect(await member.next() == .entries(1))
        await member.group.close()
    }

    @Test func nothingIsHeldUpWhileTheServerIsAway() async throws {
        let server = try RedisServer()
        let member = try Member(server)
        #expect(await member.next() == .joined)
        server.kill()
        guard case .left = await member.next() else {
            Issue.record("the server was not missed")
            return
        }
        #expect(!member.group.isJoined)
        member.group.add(1)
        #expect(member.group.metrics[.notConnected] == 1)
        try server.start()
        #expect(await member.next() == .joined)
        member.group.add(1)
        #expect(await member.next() == .entries(1))
        await member.group.close()
    }

    /// More than anybody takes: the server forgets the oldest.
    @Test func aStreamNobodyReadsStaysShort() async throws {
        let server = try RedisServer()
        let member = try Member(server, room: 0)
        #expect(await member.next() == .joined)
        member.group.add(RedisGroup.longest * 2)
        while true {
            let added = try server.cli("XINFO", "STREAM", "work").split(separator: "\n").map(String.init)
            let index = try #require(added.firstIndex(of: "entries-added"))
            if added[index + 1] == String(RedisGroup.longest * 2) { break }
            await TestDatabase.workers.workers[0].sleep(for: .milliseconds(5))
        }
        let length = try #require(Int(try server.cli("XLEN", "work").filter(\.isNumber)))
        #expect(length < RedisGroup.longest * 11 / 10)
        await member.group.close()
    }
}
