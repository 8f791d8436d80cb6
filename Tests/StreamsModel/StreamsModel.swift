// StreamsModel: the streams of two processes with simulated sockets and a database in memory, in an order that a seed
// decides. Everything is the real thing but the sockets, the threads and the database.

import Domain
import JSON
import JSONSupport
import Ledger
import PropertySupport
import Streams

/// One run of the model: some thousands of steps, and then rest, when every client must hold the present document.
public struct StreamsModel {
    /// What did not hold, and the seed that replays it.
    public struct Failure: Error, CustomStringConvertible {
        /// The seed, the step and what was found.
        public let description: String
    }

    /// What happened in a run, so that it can be seen that it was not nothing.
    public struct Tally: Sendable {
        /// Commits, messages that clients took, and how many of these were folded or a document in place of entries.
        public var commits = 0, messages = 0, resumed = 0, begun = 0, replaced = 0, conflated = 0

        /// An empty tally.
        public init() {}

        /// Adds the other to this one.
        public static func += (sum: inout Tally, other: Tally) {
            sum.commits += other.commits
            sum.messages += other.messages
            sum.resumed += other.resumed
            sum.begun += other.begun
            sum.replaced += other.replaced
            sum.conflated += other.conflated
        }
    }

    private let seed: UInt64
    private var generator: DocumentGenerator
    private let database: ModelDatabase
    private let executor = ModelExecutor()
    private let store: ModelStore
    private let board: Board
    private let ledger: Ledger
    private var nodes: [ModelNode]
    private var clients: [ModelClient] = []
    private var flows: [FlowID] = []
    private var tally = Tally()

    /// What waits to be told to the nodes, in any order.
    private final class Board: CommitPublisher, @unchecked Sendable {
        var commits: [Committed] = []
        var words: [(node: Int, stream: StreamName, seq: Int64)] = []
        var published = 0

        func publish(_ committed: Committed) { commits.append(committed) }
    }

    /// Sets the scene.
    public init(seed: UInt64) {
        self.seed = seed
        generator = DocumentGenerator(seed: seed)
        let tenant = TenantID.generate(at: Timestamp(microseconds: 0), using: &generator.random)
        let filters: [ViewFilter] = [.flows(status: nil, type: nil), .flows(status: .running, type: nil)]
        database = ModelDatabase(tenant: tenant, filters: filters)
        store = ModelStore(database: database, executor: executor)
        let board = Board()
        self.board = board
        ledger = Ledger(store: store, publisher: board) { [executor] in executor.spawn($0) }
        nodes = [ModelNode(store: store), ModelNode(store: store)]
        for _ in 0..<3 {
            flows.append(FlowID.generate(at: Timestamp(microseconds: 0), using: &generator.random))
        }
        database.onCommit = { stream, seq in
            for node in 0..<2 { board.words.append((node, stream, seq)) }
        }
        for number in 0..<6 {
            let (node, loop) = (nodes[number % 2], number / 2 % 2)
            let room = [1, 2, 3, 8, 100, 100][number]
            clients.append(ModelClient(number: number, database: database, node: node, loop: loop, room: room))
        }
    }

    /// Runs so many steps, then lets everything come to rest and looks at all clients.
    /// - Throws: ``Failure``.
    public mutating func run(steps: Int) throws -> Tally {
        var step = 0
        do {
            for flow in flows { create(flow) }
            while step < steps {
                try act()
                step += 1
            }
            try settle()
        } catch {
            throw Failure(description: "seed \(seed), step \(step): \(error)")
        }
        for node in nodes {
            tally.resumed += node.registry.counters[.resumed]
            tally.begun += node.registry.counters[.begun]
            tally.replaced += node.registry.counters[.replaced]
            tally.conflated += node.registry.counters[.conflated]
        }
        return tally
    }

    // MARK: Steps

    private mutating func act() throws {
        switch Int.random(in: 0..<1000, using: &generator.random) {
        case 0..<40: change()
        case 40..<50: attach()
        case 50..<54: drop()
        case 54..<55: restart()
        case 55..<58: nodes[pick(2)].registry.forgetSnapshots()
        case 58..<61: slowDown()
        case 61..<64: missAWord()
        case 64..<66: database.failures = pick(3)
        case 66..<69: database.prune(keeping: Int64(pick(6)))
        case 69..<240: try receive()
        case 240..<300: publish()
        case 300..<400: tell()
        case 400..<540: nodes[pick(2)].runPost(pick(2))
        case 540..<570: nodes[pick(2)].fireTimer(pick(2))
        case 570..<730: executor.wake(&generator.random)
        default: executor.step(&generator.random)
        }
    }

    private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator.random) }

    private func create(_ id: FlowID) {
        let flow = Flow(
            id: id,
            type: Flow.externalType,
            title: "A flow",
            status: .running,
            phase: nil,
            state: ["n": 0],
            // Documents that are longer than what is missing of them, so that they are worth keeping for a while.
            metadata: ["padding": JSON(String(repeating: "p", count: 2_000))],
            input: nil,
            graph: nil,
            seq: 0,
            epoch: "flow",
            run: nil,
            createdBy: "model",
            createdAt: Timestamp(microseconds: 0),
            updatedAt: Timestamp(microseconds: 0)
        )
        let (ledger, tenant) = (self.ledger, database.tenant)
        executor.spawn {
            try? await TenantContext.with(tenant) {
                try await ledger.create(flow, by: "model") { $0.emit(["type": "RUN_STARTED"]) }
            }
        }
    }

    private mutating func change() {
        let (ledger, tenant, flow) = (self.ledger, database.tenant, flows[pick(flows.count)])
        let seed = generator.random.next()
        tally.commits += 1
        executor.spawn {
            var generator = DocumentGenerator(seed: seed)
            let time = Timestamp(microseconds: 0)
            let isAlone = generator.chance(50)
            try? await TenantContext.with(tenant) {
                guard isAlone else {
                    return try await ledger.change(flow, by: "model", at: time) { try Self.change(&$0, seed) }
                }
                try await ledger.write(flow, by: "model", at: time) { writer in
                    try writer.change { try Self.change(&$0, seed) }
                }
            }
        }
    }

    private static func change(_ draft: inout FlowDraft, _ seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        for _ in 0..<Int.random(in: 1...3, using: &generator.random) { try change(&draft, &generator) }
    }

    private static func change(_ draft: inout FlowDraft, _ generator: inout DocumentGenerator) throws {
        switch Int.random(in: 0..<10, using: &generator.random) {
        case 0: draft.emit(["type": "TEXT_MESSAGE_CONTENT", "messageId": "m", "delta": "word"])
        case 1:
            let status: FlowStatus = generator.chance(50) ? .running : .waiting
            draft.set(status: status, phase: generator.chance(50) ? "a phase" : nil)
            draft.emit(["type": "CUSTOM", "name": "status", "value": [:]])
        case 2: try draft.apply(agentEvent: ["type": "STATE_SNAPSHOT", "snapshot": ["n": 1]])
        case 3...5:
            let n = Int.random(in: 0...9, using: &generator.random)
            try draft.patchState(JSONPatch(operations: [.add(JSONPointer(tokens: ["n"]), JSON(n))]))
        default:
            let changed = generator.changed(draft.flow.state, depth: 3)
            try draft.setState(changed.object == nil ? ["value": changed] : changed)
        }
    }

    private mutating func attach() {
        let client = clients[pick(clients.count)]
        let stream = pick(flows.count + 2)
        let key =
            stream < flows.count
            ? database.key(flows[stream])
            : StreamKey(tenant: database.tenant, stream: .flows, filter: database.filters[stream - flows.count])
        if client.replicas[key]?.isSubscribed == true, generator.chance(30) {
            client.replicas[key].map(client.unsubscribe)
        } else {
            client.subscribe(key, keepsPosition: generator.chance(85), isResync: generator.chance(5))
        }
    }

    private mutating func drop() {
        reconnect(clients[pick(clients.count)])
    }

    private mutating func reconnect(_ client: ModelClient) {
        let subscribed = client.replicas.values.filter(\.isSubscribed).map(\.key).sorted { $0.order < $1.order }
        client.move(to: nodes[pick(2)], loop: pick(2))
        for key in subscribed { client.subscribe(key, keepsPosition: true, isResync: false) }
    }

    /// A process ends, with all it knew; another takes its place.
    private mutating func restart() {
        let number = pick(2)
        let former = nodes[number]
        nodes[number] = ModelNode(store: store)
        for client in clients where client.node === former { reconnect(client) }
    }

    private mutating func slowDown() {
        clients[pick(clients.count)].room = [1, 2, 5, 50][pick(4)]
    }

    /// The connection that listens is lost and comes back.
    private mutating func missAWord() {
        let number = pick(2)
        board.words.removeAll { $0.node == number }
        nodes[number].missSomething()
    }

    private mutating func receive() throws {
        let first = pick(clients.count)
        // The first of those for whom something waits.
        let candidates = clients[first...] + clients[..<first]
        guard let client = candidates.first(where: { !$0.waiting.isEmpty }) else { return }
        let waiting = client.waiting
        tally.messages += 1
        try client.receive(waiting[pick(waiting.count)])
    }

    /// A process learns of its own commit. Which process made it does not matter to the others.
    private mutating func publish() {
        guard !board.commits.isEmpty else { return }
        let committed = board.commits.remove(at: pick(board.commits.count))
        nodes[pick(2)].take(committed)
    }

    private mutating func tell() {
        guard !board.words.isEmpty else { return }
        // Most notifications come in order; the connection of one node is as slow as it likes.
        let word = board.words.remove(at: generator.chance(80) ? 0 : pick(board.words.count))
        nodes[word.node].hear(word.stream, of: database.tenant, seq: word.seq)
    }

    // MARK: Rest

    /// Whoever looks again and again for what is gone never comes to rest.
    private static let mostJobs = 1_000_000

    private mutating func settle() throws {
        database.failures = 0
        var (quiet, jobs) = (0, 0)
        while quiet < 3 {
            var isBusy = !executor.isIdle || !board.commits.isEmpty || !board.words.isEmpty
            while !executor.isIdle {
                jobs += 1
                guard jobs <= Self.mostJobs else { throw ModelClient.Violation(description: "no rest is found") }
                executor.step(&generator.random)
            }
            while !board.commits.isEmpty { publish() }
            while !board.words.isEmpty { tell() }
            for node in nodes {
                for loop in 0..<2 {
                    while !node.posts[loop].isEmpty {
                        node.runPost(loop)
                        isBusy = true
                    }
                    if node.timers > 0 {
                        node.fireTimer(loop)
                        isBusy = true
                    }
                }
            }
            for client in clients {
                for replica in client.waiting {
                    try client.receive(replica)
                    isBusy = true
                }
            }
            quiet = isBusy ? 0 : quiet + 1
        }
        for client in clients {
            for replica in client.replicas.values where replica.isSubscribed {
                let end = database.end(replica.key)
                guard replica.position?.seq == end else {
                    throw ModelClient.Violation(
                        description:
                            "at rest client \(client.number) stands at \(replica.position?.seq ?? -1) of \(end) of \(replica.key.order)"
                    )
                }
            }
        }
    }
}
