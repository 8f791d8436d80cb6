import Reactor
import TestSupport
import Testing

@testable import Redis

/// A client with what it tells.
private final class Ear {
    let client: RedisPubSub
    private var events: AsyncStream<RedisEvent>.AsyncIterator

    init(_ url: String, channel: String = "news", _ change: (inout RedisOptions) -> Void = { _ in }) throws {
        var options = RedisOptions()
        options.shortestBackoff = .milliseconds(1)
        options.longestBackoff = .milliseconds(20)
        options.heartbeat = .milliseconds(100)
        change(&options)
        client = RedisPubSub(
            try RedisConfiguration(url),
            options: options,
            worker: TestDatabase.workers.workers[0],
            blockingPool: TestDatabase.blockingPool
        )
        let (stream, continuation) = AsyncStream.makeStream(of: RedisEvent.self)
        events = stream.makeAsyncIterator()
        client.listen(to: channel) { continuation.yield($0) }
    }

    func next() async -> RedisEvent? { await events.next(isolation: #isolation) }

    func say(_ payload: [UInt8]) { client.publish { payload } }

    func say(_ text: String) { say(Array(text.utf8)) }
}

extension RedisEvent {
    fileprivate static func message(_ text: String) -> RedisEvent { .message(Array(text.utf8)) }

    fileprivate var error: RedisError? { if case .disconnected(let error) = self { error } else { nil } }
}

@Suite(.enabled(if: RedisServer.isAvailable, "Redis is not installed"), .timeLimit(.minutes(1)))
struct PubSubTests {
    @Test func messagesReachEverybodyWhoListensThere() async throws {
        let server = try RedisServer()
        let url = "redis://127.0.0.1:\(server.port)"
        let (first, second, elsewhere) = (try Ear(url), try Ear(url), try Ear(url, channel: "other"))
        for ear in [first, second, elsewhere] { #expect(await ear.next() == .connected) }
        first.say("hello")
        for ear in [first, second] { #expect(await ear.next() == .message("hello")) }
        elsewhere.say("psst")
        #expect(await elsewhere.next() == .message("psst"))
        let large = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for payload in [[], [0], [13, 10], large] {
            second.say(payload)
            for ear in [first, second] { #expect(await ear.next() == .message(payload)) }
        }
        #expect(second.client.metrics[.sent] == 4 && second.client.metrics[.received] == 5)
        #expect(second.client.metrics.open == 2)
        #expect(
            try server.cli("CLIENT", "LIST").split(separator: "\n").filter { $0.contains("name=signalbox") }.count == 6
        )
        for ear in [first, second, elsewhere] { await ear.client.close() }
        #expect(second.client.metrics.open == 0)
        second.say("late")
        #expect(second.client.metrics[.notConnected] == 1)
    }

    @Test func orderIsKept() async throws {
        let server = try RedisServer()
        let ear = try Ear("redis://127.0.0.1:\(server.port)")
        #expect(await ear.next() == .connected)
        for number in 0..<2000 { ear.say("\(number)") }
        for number in 0..<2000 { #expect(await ear.next() == .message("\(number)")) }
        await ear.client.close()
    }

    @Test func namesAndPathsLeadThereToo() async throws {
        let server = try RedisServer()
        for url in ["redis://localhost:\(server.port)/0", "unix://\(server.socketPath)"] {
            let ear = try Ear(url)
            var event = await ear.next()
            // The name may lead to ::1, where nobody listens: that is not what is tested.
            if url.hasPrefix("redis"), event?.error != nil, try HostName.resolve("localhost") != "127.0.0.1" {
                continue
            }
            #expect(event == .connected)
            ear.say("hello")
            event = await ear.next()
            #expect(event == .message("hello"))
            await ear.client.close()
        }
        let lost = try Ear("redis://nowhere.invalid")
        guard case .notReachable(let reason) = await lost.next()?.error else {
            Issue.record("a name without an address")
            return
        }
        #expect(reason.contains("nowhere.invalid"))
        await lost.client.close()
    }

    @Test func onlyTheRightAccountIsLetIn() async throws {
        let server = try RedisServer(settings: [
            "--requirepass", "hush", "--user", "me", "on", ">secret", "&news", "+publish", "+subscribe", "+ping",
            "--user", "deaf", "on", ">secret", "resetchannels", "+publish", "+subscribe", "+ping",
        ])
        let place = "127.0.0.1:\(server.port)"
        for account in [":hush@", "default:hush@", "me:secret@"] {
            let ear = try Ear("redis://\(account)\(place)")
            #expect(await ear.next() == .connected, "\(account)")
            ear.say("hello")
            #expect(await ear.next() == .message("hello"))
            await ear.client.close()
        }
        for (account, word) in [
            ("", "NOAUTH"), (":no@", "WRONGPASS"), ("me:no@", "WRONGPASS"), ("deaf:secret@", "NOPERM"),
        ] {
            let ear = try Ear("redis://\(account)\(place)")
            guard case .refused(let words) = await ear.next()?.error else {
                Issue.record("\(account) was let in")
                continue
            }
            #expect(words.hasPrefix(word))
            await ear.client.close()
        }
    }

    @Test func whatMayNotBePublishedIsCounted() async throws {
        let server = try RedisServer(settings: ["--user", "mute", "on", ">secret", "&news", "+subscribe", "+ping"])
        let ear = try Ear("redis://mute:secret@127.0.0.1:\(server.port)")
        #expect(await ear.next() == .connected)
        ear.say("hello")
        while ear.client.metrics[.refused] == 0 { await TestDatabase.workers.local.sleep(for: .milliseconds(1)) }
        #expect(ear.client.metrics.open == 2)
        await ear.client.close()
    }

    @Test func aServerThatEndsIsWaitedFor() async throws {
        let server = try RedisServer(isStarted: false)
        let ear = try Ear("redis://127.0.0.1:\(server.port)")
        guard case .notReachable = await ear.next()?.error else {
            Issue.record("nobody listens there")
            return
        }
        for round in 0..<3 {
            try server.start()
            #expect(await ear.next() == .connected)
            ear.say("hello \(round)")
            #expect(await ear.next() == .message("hello \(round)"))
            server.kill()
            guard case .connectionLost = await ear.next()?.error else {
                Issue.record("the end was not told")
                return
            }
            // Not one after the other: nobody waits for these.
            for _ in 0..<100 { ear.say("lost") }
        }
        #expect(ear.client.metrics[.connected] >= 6)
        #expect(ear.client.metrics[.failed] >= 6)
        #expect(ear.client.metrics[.sent] + ear.client.metrics[.notConnected] == 303)
        await ear.client.close()
    }

    @Test func aServerThatStandsStillIsLeft() async throws {
        let server = try RedisServer()
        let ear = try Ear("redis://127.0.0.1:\(server.port)")
        #expect(await ear.next() == .connected)
        server.pause()
        #expect(await ear.next()?.error == .silent)
        server.resume()
        #expect(await ear.next() == .connected)
        ear.say("hello")
        #expect(await ear.next() == .message("hello"))
        await ear.client.close()
    }

    @Test func whatWaitsHasALimit() async throws {
        let server = try RedisServer()
        let limit = 1 << 20
        let ear = try Ear("redis://127.0.0.1:\(server.port)") {
            $0.queueBytes = limit
            // It must not be over before the queue is full.
            $0.heartbeat = .seconds(30)
        }
        #expect(await ear.next() == .connected)
        server.pause()
        let payload = [UInt8](repeating: 7, count: 10_000)
        // The kernel's own buffers take some megabytes first.
        var said = 0
        while ear.client.metrics[.queueFull] < 50 {
            ear.say(payload)
            said += 1
        }
        let metrics = ear.client.metrics
        while metrics[.sent] + metrics[.queueFull] < said {
            await TestDatabase.workers.local.sleep(for: .milliseconds(1))
        }
        let sent = metrics[.sent]
        server.resume()
        for _ in 0..<sent { #expect(await ear.next() == .message(payload)) }
        ear.say("hello")
        #expect(await ear.next() == .message("hello"))
        await ear.client.close()
    }

    @Test func theChannelCanBeChanged() async throws {
        let server = try RedisServer()
        let ear = try Ear("redis://127.0.0.1:\(server.port)")
        #expect(await ear.next() == .connected)
        ear.client.listen(to: "elsewhere") { _ in Issue.record("a second handler was used") }
        while try server.cli("PUBLISH", "elsewhere", "hello") != "1" {}
        #expect(await ear.next() == .message("hello"))
        #expect(try server.cli("PUBLISH", "news", "hello") == "0")
        ear.say("here")
        #expect(await ear.next() == .message("here"))
        await ear.client.close()
    }
}
