/// What one connection says and takes, without a socket and without a clock: replies in, actions out.
///
/// First it signs in; then it publishes, or takes the messages of one channel, or entries of one stream as it asks for them. Order of calls: ``greeting()`` once when the
/// connection is there, ``heard()`` for every arrival and ``received(_:)`` for every reply in it, ``beat()`` in regular
/// intervals. After ``Action/end(_:)`` nothing more is asked of it.
struct RedisSession {
    /// What the connection is for.
    enum Role: Equatable {
        case publishing
        case subscribing(channel: String)
        /// Takes entries of a stream for a consumer group.
        case member(stream: String)
    }

    /// What is to be done.
    enum Action: Equatable {
        /// Bytes for the server.
        case send([UInt8])
        /// The session is signed in, and hears its channel if it has one.
        case ready
        /// A message of the channel.
        case message([UInt8])
        /// Entries of the stream, or none for a while: it can be asked for more by ``read(upTo:)``.
        case entries(Int)
        /// The server took what was published.
        case taken
        /// The server refused what was published.
        case notTaken(String)
        /// The connection is of no more use.
        case end(RedisError)
    }

    private enum Phase: Equatable {
        /// Answers are awaited, the first one first.
        case greeting([Greeting])
        case ready
    }

    private enum Greeting: Equatable {
        case signIn
        /// For people who look at the server. An account that may not name itself is as good as any other.
        case name
        /// The first answer of a signed-in server: whoever may not do this may do nothing.
        case ping
        case subscription
        case group
    }

    private let role: Role
    private let configuration: RedisConfiguration
    private let options: RedisOptions
    private var phase: Phase
    /// Beats in a row that found nothing new: of the greeting all, later those without a byte.
    private var idleBeats = 0
    /// Whether entries were asked for.
    private var isReading = false

    init(_ role: Role, _ configuration: RedisConfiguration, _ options: RedisOptions) {
        self.role = role
        self.configuration = configuration
        self.options = options
        let first: [Greeting] = configuration.password == nil ? [.name] : [.signIn, .name]
        let last: Greeting =
            switch role {
            case .publishing: .ping
            case .subscribing: .subscription
            case .member: .group
            }
        phase = .greeting(first + [last])
    }

    /// Whether the session is signed in.
    var isReady: Bool { phase == .ready }

    /// The first bytes for the server: everything up to readiness in one go.
    func greeting() -> [UInt8] {
        var bytes: [UInt8] = []
        if let password = configuration.password {
            let words = ["AUTH"] + (configuration.user.map { [$0] } ?? []) + [password]
            bytes += RedisCommand(words.map { Array($0.utf8) }).bytes
        }
        bytes += RedisCommand("CLIENT", "SETNAME", options.clientName).bytes
        switch role {
        case .publishing: bytes += Self.ping
        case .subscribing(let channel): bytes += RedisCommand("SUBSCRIBE", channel).bytes
        case .member(let stream):
            // What was added before the first member came is nobody's.
            bytes += RedisCommand("XGROUP", "CREATE", stream, Self.group, "$", "MKSTREAM").bytes
        }
        return bytes
    }

    /// The command that sends to those who take the messages or entries of a source.
    static func command(sending payload: [UInt8], to source: Role) -> [UInt8] {
        switch source {
        case .publishing: []
        case .subscribing(let channel): RedisCommand([Array("PUBLISH".utf8), Array(channel.utf8), payload]).bytes
        case .member(let stream):
            RedisCommand("XADD", stream, "MAXLEN", "~", String(RedisGroup.longest), "*", "n", "1").bytes
        }
    }

    /// One group, and one name for all its members: entries that were taken are never looked up again, so it does not matter
    /// by whom.
    private static let group = "signalbox"

    /// Asks for entries; nil while that cannot be.
    mutating func read(upTo count: Int) -> [UInt8]? {
        guard case .member(let stream) = role, isReady, !isReading, count > 0 else { return nil }
        isReading = true
        // Shorter than a beat, so that answers come in every one.
        let wait = max(1, Int(options.heartbeat / .milliseconds(2)))
        return RedisCommand(
            "XREADGROUP",
            "GROUP",
            Self.group,
            Self.group,
            "COUNT",
            String(min(count, Self.mostEntries)),
            "BLOCK",
            String(wait),
            "NOACK",
            "STREAMS",
            stream,
            ">"
        ).bytes
    }

    /// Entries asked for at once.
    private static let mostEntries = 64

    /// Bytes have come, whatever they say.
    mutating func heard() { if isReady { idleBeats = 0 } }

    /// A reply has come.
    mutating func received(_ reply: RedisReply) -> Action? {
        switch phase {
        case .greeting(let awaited): greeted(reply, awaited)
        case .ready:
            switch role {
            case .publishing: answered(reply)
            case .subscribing(let channel): told(reply, on: channel)
            case .member: given(reply)
            }
        }
    }

    /// An interval has passed.
    mutating func beat() -> Action? {
        idleBeats += 1
        if idleBeats >= max(2, options.patience) { return .end(.silent) }
        return isReady && idleBeats == 1 ? .send(Self.ping) : nil
    }

    private static let ping = RedisCommand("PING").bytes

    private mutating func greeted(_ reply: RedisReply, _ awaited: [Greeting]) -> Action? {
        let rest = Array(awaited.dropFirst())
        if case .error(let words) = reply, awaited.first != .name {
            // Somebody else has made the group.
            let isThere = awaited.first == .group && words.hasPrefix("BUSYGROUP")
            guard isThere else { return .end(.refused(words)) }
        }
        switch awaited.first {
        case .name: break
        case .group:
            switch reply {
            case .status("OK"), .error: break
            default: return .end(unexpected(reply))
            }
        case .signIn: guard reply == .status("OK") else { return .end(unexpected(reply)) }
        case .ping: guard reply == .status("PONG") else { return .end(unexpected(reply)) }
        case .subscription:
            guard case .array(let parts) = reply, parts.first?.text == "subscribe" else {
                return .end(unexpected(reply))
            }
        case nil: return .end(unexpected(reply))
        }
        guard rest.isEmpty else {
            phase = .greeting(rest)
            return nil
        }
        phase = .ready
        idleBeats = 0
        return .ready
    }

    /// What a server sends to a connection that publishes.
    private func answered(_ reply: RedisReply) -> Action? {
        switch reply {
        case .integer, .bytes: .taken
        case .error(let words): .notTaken(words)
        case .status: nil
        case .null, .array: .end(unexpected(reply))
        }
    }

    /// What a server sends to a connection that listens.
    private func told(_ reply: RedisReply, on channel: String) -> Action? {
        switch reply {
        case .array(let parts):
            switch (parts.first?.text, parts.count) {
            case ("message", 3):
                guard case .bytes(let payload) = parts[2], parts[1].text == channel else {
                    return .end(unexpected(reply))
                }
                return .message(payload)
            case ("pong", _): return nil
            default: return .end(unexpected(reply))
            }
        case .error(let words): return .end(.refused(words))
        case .status, .integer, .bytes, .null: return .end(unexpected(reply))
        }
    }

    /// What a server sends to a member of a group: of each stream its name and the entries.
    private mutating func given(_ reply: RedisReply) -> Action? {
        switch reply {
        case .null:
            isReading = false
            return .entries(0)
        case .array(let streams):
            guard streams.count == 1, case .array(let parts) = streams[0], parts.count == 2,
                case .array(let entries) = parts[1]
            else { return .end(unexpected(reply)) }
            isReading = false
            return .entries(entries.count)
        case .status: return nil
        // The group is gone with its stream, for example: the next greeting makes it again.
        case .error(let words): return .end(.refused(words))
        case .integer, .bytes: return .end(unexpected(reply))
        }
    }

    /// Says what kind of thing came, not what it says: that may be somebody's data.
    private func unexpected(_ reply: RedisReply) -> RedisError {
        let kind =
            switch reply {
            case .status: "a status"
            case .error: "an error"
            case .integer: "an integer"
            case .bytes: "bytes"
            case .null: "nothing"
            case .array(let parts): "an array of \(parts.count)"
            }
        return .protocolViolation("\(kind) came where something else was awaited")
    }
}
