import Domain
import JSON
import Streams

/// A client behind a simulated socket: what it is sent waits in a queue for each stream, so that streams overtake each
/// other, and is applied as a page does it.
final class ModelClient: StreamSubscriber {
    enum Message {
        case attached(AttachReply)
        case entry(StreamEntry)
        case snapshot(StreamSnapshot)
    }

    /// One stream of the client.
    final class Replica {
        let key: StreamKey
        var document: JSON = .null
        var position: Position?
        var queue: [Message] = []
        var subscription: Subscription?
        var isPaused = false
        var isSubscribed: Bool { subscription != nil }

        init(key: StreamKey) { self.key = key }
    }

    /// What a client must never see.
    struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    let number: Int
    private(set) var node: ModelNode
    private(set) var hub: StreamHub
    var replicas: [StreamKey: Replica] = [:]
    /// So many messages fit into the socket.
    var room: Int
    private let database: ModelDatabase

    init(number: Int, database: ModelDatabase, node: ModelNode, loop: Int, room: Int) {
        self.number = number
        self.database = database
        self.node = node
        self.room = room
        hub = node.hubs[loop]
    }

    var waiting: [Replica] { replicas.values.filter { !$0.queue.isEmpty }.sorted { $0.key.order < $1.key.order } }

    func subscribe(_ key: StreamKey, keepsPosition: Bool, isResync: Bool) {
        let replica = replicas[key] ?? Replica(key: key)
        replicas[key] = replica
        unsubscribe(replica)
        let request = AttachRequest(
            tenant: key.tenant,
            stream: key.stream,
            since: keepsPosition && !isResync ? replica.position : nil,
            filter: key.filter,
            interest: number.isMultiple(of: 5) && key.stream.isFlow ? .everyEvent : .document,
            isResync: isResync
        )
        replica.subscription = hub.subscribe(request, self)
    }

    func unsubscribe(_ replica: Replica) {
        if let subscription = replica.subscription { hub.remove(subscription) }
        replica.subscription = nil
        replica.queue = []
        replica.isPaused = false
    }

    /// The connection is lost, and another one is made.
    func move(to node: ModelNode, loop: Int) {
        for replica in replicas.values { unsubscribe(replica) }
        self.node = node
        hub = node.hubs[loop]
    }

    // MARK: What the hub sends

    func streamAttached(_ reply: AttachReply, _ subscription: Subscription) -> Bool {
        guard let replica = replica(of: subscription) else { return false }
        return send(.attached(reply), replica)
    }

    func streamDeliver(_ entry: StreamEntry, _ subscription: Subscription) -> Bool {
        guard let replica = replica(of: subscription) else { return false }
        return send(.entry(entry), replica)
    }

    func streamReplaced(_ snapshot: StreamSnapshot, _ subscription: Subscription) -> Bool {
        guard let replica = replica(of: subscription) else { return false }
        return send(.snapshot(snapshot), replica)
    }

    func streamEnded(_ error: AttachError, _ subscription: Subscription) {
        guard let replica = replica(of: subscription) else { return }
        replica.subscription = nil
    }

    private func replica(of subscription: Subscription) -> Replica? {
        let replica = replicas[subscription.request.key]
        return replica?.subscription === subscription ? replica : nil
    }

    private func send(_ message: Message, _ replica: Replica) -> Bool {
        replica.queue.append(message)
        replica.isPaused = replica.queue.count >= room
        return !replica.isPaused
    }

    // MARK: What the client does with it

    /// Takes the first message of one stream.
    /// - Throws: ``Violation``.
    func receive(_ replica: Replica) throws {
        switch replica.queue.removeFirst() {
        case .attached(let reply):
            if let snapshot = reply.snapshot {
                try take(snapshot, replica)
            } else if reply.position != replica.position {
                throw violation("was to go on from \(reply.position) and holds", replica)
            }
        case .snapshot(let snapshot): try take(snapshot, replica)
        case .entry(let entry): try take(entry, replica)
        }
        if replica.isPaused, replica.queue.count < room, let subscription = replica.subscription {
            replica.isPaused = false
            hub.resume(subscription)
        }
    }

    private func take(_ snapshot: StreamSnapshot, _ replica: Replica) throws {
        if let held = replica.position, held.epoch == snapshot.position.epoch, held.seq > snapshot.position.seq {
            throw violation("got the older document of \(snapshot.position)", replica)
        }
        replica.document = snapshot.document
        replica.position = snapshot.position
        try check(replica, snapshot.digest)
    }

    private func take(_ entry: StreamEntry, _ replica: Replica) throws {
        guard entry.since == replica.position?.seq, entry.position.epoch == replica.position?.epoch else {
            throw violation("got what follows \(entry.since)", replica)
        }
        if entry.position.seq > entry.since + 1, replica.key.stream.isFlow, number.isMultiple(of: 5) {
            throw violation("wanted every event and got them folded", replica)
        }
        replica.document = try entry.applied(to: replica.document)
        replica.position = entry.position
        try check(replica, entry.digest)
    }

    private func check(_ replica: Replica, _ digest: String?) throws {
        let expected = replica.position.flatMap { database.document(replica.key, at: $0.seq) } ?? .null
        guard replica.document == expected else {
            let difference = JSONPatch.diff(from: expected, to: replica.document).json
            throw violation("holds another document, \(difference) away from the right one", replica)
        }
        let state = replica.key.stream.isFlow ? replica.document["state"] ?? .null : replica.document
        if let digest, digest != state.digest { throw violation("was told another digest", replica) }
    }

    private func violation(_ what: String, _ replica: Replica) -> Violation {
        let place = replica.position.map { "\($0.epoch):\($0.seq)" } ?? "nothing"
        return Violation(description: "client \(number) \(what), at \(place) of \(replica.key.stream)")
    }
}

extension StreamKey {
    /// An order that does not depend on hashing.
    var order: String { "\(stream) \(filter.map { "\($0)" } ?? "")" }
}
