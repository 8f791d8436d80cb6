import Testing

@testable import Redis

struct SessionTests {
    private static let subscribed = RedisReply.array([.text("subscribe"), .text("c"), .integer(1)])

    private func session(_ role: RedisSession.Role, _ url: String = "redis://cache") throws -> RedisSession {
        var options = RedisOptions()
        options.patience = 3
        return RedisSession(role, try RedisConfiguration(url), options)
    }

    private func ready(_ role: RedisSession.Role) throws -> RedisSession {
        var session = try session(role)
        #expect(session.received(.status("OK")) == nil)
        #expect(session.received(role == .publishing ? .status("PONG") : Self.subscribed) == .ready)
        return session
    }

    @Test func theGreetingSignsInAndSaysWhatForAtOnce() throws {
        let plain = try session(.publishing).greeting()
        #expect(plain == RedisCommand("CLIENT", "SETNAME", "signalbox").bytes + RedisCommand("PING").bytes)
        let subscribing = try session(.subscribing(channel: "c"), "redis://me:hush@cache").greeting()
        #expect(
            subscribing == RedisCommand("AUTH", "me", "hush").bytes
                + RedisCommand("CLIENT", "SETNAME", "signalbox").bytes + RedisCommand("SUBSCRIBE", "c").bytes
        )
        let old = try session(.publishing, "redis://:hush@cache").greeting()
        #expect(old.starts(with: RedisCommand("AUTH", "hush").bytes))
    }

    @Test func itIsReadyOnceAllIsAnswered() throws {
        var session = try session(.subscribing(channel: "c"), "redis://me:hush@cache")
        #expect(session.received(.status("OK")) == nil)
        #expect(session.received(.status("OK")) == nil)
        #expect(!session.isReady)
        #expect(session.received(Self.subscribed) == .ready)
        #expect(session.isReady)
    }

    @Test func whoMayNotNameItselfIsLetIn() throws {
        var session = try session(.publishing)
        #expect(session.received(.error("NOPERM")) == nil)
        #expect(session.received(.status("PONG")) == .ready)
    }

    @Test func aRefusalIsTheEnd() throws {
        var wrong = try session(.publishing, "redis://:hush@cache")
        #expect(wrong.received(.error("WRONGPASS")) == .end(.refused("WRONGPASS")))
        var missing = try session(.publishing)
        #expect(missing.received(.error("NOAUTH")) == nil)
        #expect(missing.received(.error("NOAUTH")) == .end(.refused("NOAUTH")))
        var deaf = try session(.subscribing(channel: "c"))
        #expect(deaf.received(.status("OK")) == nil)
        #expect(deaf.received(.error("NOPERM")) == .end(.refused("NOPERM")))
        var later = try ready(.subscribing(channel: "c"))
        #expect(later.received(.error("ERR")) == .end(.refused("ERR")))
    }

    @Test func answersToPublicationsAreCounted() throws {
        var session = try ready(.publishing)
        #expect(session.received(.integer(2)) == .taken)
        #expect(session.received(.error("OOM")) == .notTaken("OOM"))
        #expect(session.received(.status("PONG")) == nil)
        guard case .end(.protocolViolation) = session.received(.null) else {
            Issue.record("taken for an answer")
            return
        }
    }

    @Test func messagesOfTheChannelArePassedOn() throws {
        var session = try ready(.subscribing(channel: "c"))
        let payload = RedisReply.bytes([0, 255])
        #expect(session.received(.array([.text("message"), .text("c"), payload])) == .message([0, 255]))
        #expect(session.received(.array([.text("pong"), .text("")])) == nil)
        for strange: RedisReply in [
            .array([.text("message"), .text("other"), payload]), .array([.text("message"), .text("c")]),
            .array([.text("message"), .text("c"), .integer(1)]), .array([]), .array([.null]), .integer(1), .null,
        ] {
            var session = session
            guard case .end(.protocolViolation) = session.received(strange) else {
                Issue.record("\(strange) was taken")
                return
            }
        }
    }

    @Test func silenceIsAskedAboutAndThenTheEnd() throws {
        var session = try ready(.publishing)
        #expect(session.beat() == .send(RedisCommand("PING").bytes))
        #expect(session.beat() == nil)
        session.heard()
        #expect(session.beat() == .send(RedisCommand("PING").bytes))
        #expect(session.beat() == nil)
        #expect(session.beat() == .end(.silent))
    }

    /// Somebody who sends a byte now and then and never lets us in must not hold us for ever.
    @Test func aGreetingHasItsTime() throws {
        var session = try session(.publishing)
        for _ in 0..<2 {
            session.heard()
            #expect(session.beat() == nil)
        }
        session.heard()
        #expect(session.beat() == .end(.silent))
    }

    // MARK: Members of a group

    private static let group = RedisSession.Role.member(stream: "work")

    private func member() throws -> RedisSession {
        var session = try session(Self.group)
        #expect(session.received(.status("OK")) == nil)
        #expect(session.received(.status("OK")) == .ready)
        return session
    }

    @Test func aMemberMakesItsGroupOrFindsIt() throws {
        let greeting = try session(Self.group).greeting()
        #expect(
            greeting == RedisCommand("CLIENT", "SETNAME", "signalbox").bytes
                + RedisCommand("XGROUP", "CREATE", "work", "signalbox", "$", "MKSTREAM").bytes
        )
        var late = try session(Self.group)
        #expect(late.received(.status("OK")) == nil)
        #expect(late.received(.error("BUSYGROUP Consumer Group name already exists")) == .ready)
        var old = try session(Self.group)
        #expect(old.received(.status("OK")) == nil)
        #expect(old.received(.error("ERR unknown command")) == .end(.refused("ERR unknown command")))
    }

    @Test func aMemberAsksOnceAtATime() throws {
        var session = try member()
        let nothing = session.read(upTo: 0)
        #expect(nothing == nil)
        let command = session.read(upTo: 1000)
        #expect(
            command
                == RedisCommand(
                    "XREADGROUP",
                    "GROUP",
                    "signalbox",
                    "signalbox",
                    "COUNT",
                    "64",
                    "BLOCK",
                    "500",
                    "NOACK",
                    "STREAMS",
                    "work",
                    ">"
                ).bytes
        )
        let tooSoon = session.read(upTo: 1)
        #expect(tooSoon == nil)
        #expect(session.received(.status("PONG")) == nil)
        #expect(session.received(.null) == .entries(0))
        let again = session.read(upTo: 1)
        #expect(again != nil)
        let entry = RedisReply.array([.text("1-0"), .array([.text("n"), .text("1")])])
        #expect(session.received(.array([.array([.text("work"), .array([entry, entry])])])) == .entries(2))
    }

    @Test(arguments: [.integer(1), .array([]), .array([.null]), .array([.array([.null, .null])])] as [RedisReply])
    func whatNoGroupSendsIsTheEnd(_ reply: RedisReply) throws {
        var session = try member()
        _ = session.read(upTo: 1)
        guard case .end(.protocolViolation) = session.received(reply) else {
            Issue.record("taken for entries")
            return
        }
    }
}

extension RedisReply {
    fileprivate static func text(_ text: String) -> RedisReply { .bytes(Array(text.utf8)) }
}
