import Approvals
public import Domain
public import Flows
import JSON
import PropertySupport

/// What random flows leave in their state: what each round of each step came to.
public struct Marks: Codable, Sendable {
    /// By `<step>#<round>`.
    public var marks: [String: Int] = [:]
}

/// Where the effects of random flows happen, outside of the process.
public protocol OutsideWorld: Sendable {
    /// Something happens, named by its effect key.
    func act(_ key: EffectKey) async throws
}

/// A flow type that a seed decides: starts, listeners of one, of all, of any, routers, loops with a bound, questions, and bodies
/// with effects, waits, questions, branches, flows of their own and attempts that fail.
///
/// What it comes to does not depend on which of two concurrent steps ends first: so a run with interruptions can be compared
/// with one without.
public struct RandomFlow: Sendable {
    enum Action: Sendable {
        case run
        case sleep(milliseconds: Int)
        case ask
        case say
        case update
        case parallel(Int)
        case flow
    }

    enum Kind: Sendable {
        case plain([Action])
        case router([String])
        case ask(String)
    }

    struct Node: Sendable {
        let name: String
        let condition: FlowCondition?
        let kind: Kind
        /// How many attempts of each round fail, and whether there is one more.
        let failures: Int
        let isLost: Bool
        let rounds: Int?
    }

    /// Decides everything.
    public let seed: UInt64
    let nodes: [Node]
    let onFailure: FailurePolicy

    /// How long its waits take.
    public enum Pace: Sendable {
        /// As a simulated clock likes it: up to half a minute.
        case simulated
        /// Moments.
        case quick

        func milliseconds(_ simulated: Int) -> Int { self == .simulated ? simulated : min(simulated, 150) }
    }

    /// The name of the type.
    public var type: String { "random \(seed)" }
    /// The name of the type of flows that its steps start.
    public static let child = "child"

    /// Makes a flow.
    public init(seed: UInt64) {
        var maker = Maker(seed: seed)
        maker.make()
        self.seed = seed
        nodes = maker.nodes
        onFailure = maker.onFailure
    }

    /// A number that depends on the seed and the names only.
    func number(_ name: String, _ round: Int, below limit: Int) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed
        for byte in "\(name)#\(round)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return Int((hash >> 17) % UInt64(limit))
    }

    /// What a person answers.
    public func verb(for prompt: String, titled title: String) -> Verb {
        number(prompt + title, 0, below: 2) == 0 ? .approve : .reject
    }

    /// Registers the type.
    public func register(in registry: inout FlowRegistry, world: any OutsideWorld, pace: Pace) throws {
        try registry.register(
            FlowDefinition<Marks>(type, onFailure: onFailure, initial: { _ in Marks() }) { flow in
                var steps: [String: Step<Int>] = [:]
                for node in nodes { add(node, to: flow, &steps, Surroundings(world: world, pace: pace)) }
            }
        )
    }

    /// Registers the type of flows that the steps of others start.
    public static func registerChild(in registry: inout FlowRegistry, world: any OutsideWorld) throws {
        try registry.register(
            FlowDefinition<Marks>(child, initial: { _ in Marks() }) { flow in
                let first = flow.start("first") { context in
                    try await context.run("do") { try await world.act($0) }
                    return 1
                }
                flow.listen("second", to: first) { context, _ in
                    context.stage { $0.marks["second"] = 7 }
                    return 7
                }
            }
        )
    }

    private func add(
        _ node: Node,
        to flow: FlowBuilder<Marks>,
        _ steps: inout [String: Step<Int>],
        _ world: Surroundings
    ) {
        let policy = StepPolicy(
            retry: RetryPolicy(attempts: node.failures + 1, first: .milliseconds(200)),
            rounds: node.rounds
        )
        switch (node.kind, node.condition) {
        case (.plain(let actions), nil):
            steps[node.name] = flow.start(node.name, policy: policy) { try await run(node, actions, $0, world) }
        case (.plain(let actions), let condition?):
            steps[node.name] = flow.listen(node.name, when: condition, policy: policy) {
                try await run(node, actions, $0, world)
            }
        case (.router(let labels), let condition?):
            flow.router(node.name, when: condition, labels: labels.map { Label($0) }, policy: policy) { context in
                let index =
                    labels.first?.hasPrefix("again") == true
                    ? (context.round < 3 && number(node.name, context.round, below: 2) == 0 ? 0 : 1)
                    : number(node.name, context.round, below: labels.count)
                return Label(labels[index])
            }
        case (.ask(let after), _):
            guard let step = steps[after] else { return }
            flow.ask(node.name, after: step, policy: policy) { context, _ in
                question("round \(context.round)")
            }
        case (.router, nil): return
        }
    }

    private func run(
        _ node: Node,
        _ actions: [Action],
        _ context: StepContext<Marks>,
        _ world: Surroundings
    ) async throws -> Int {
        let failing = context.failures < node.failures + (node.isLost ? 1 : 0)
        let point = number(node.name, context.failures, below: actions.count + 1)
        var sum = number(node.name, context.round, below: 1000)
        for (index, action) in actions.enumerated() {
            if failing, index == point { throw Planned() }
            sum += try await perform(action, index, context, world)
        }
        if failing { throw Planned() }
        let key = "\(node.name)#\(context.round)"
        context.stage { [sum] in $0.marks[key] = sum }
        return sum
    }

    private func perform(
        _ action: Action,
        _ index: Int,
        _ context: StepContext<Marks>,
        _ around: Surroundings
    ) async throws -> Int {
        let world = around.world
        switch action {
        case .run:
            return try await context.run("do") { key in
                try await world.act(key)
                return index
            }
        case .sleep(let milliseconds):
            try await context.sleep(for: .milliseconds(around.pace.milliseconds(milliseconds)))
        case .ask:
            let answer = try await context.ask("ask \(index)", question("round \(context.round)"))
            return answer.verb == "approve" ? 1 : 2
        case .say:
            try await context.say("something")
        case .update:
            try await context.update { $0.marks["progress"] = 0 }
        case .parallel(let count):
            let numbers = try await context.parallel("each", Array(0..<count), atOnce: 2) { context, item in
                try await context.run("do") { try await world.act($0) }
                if item == 0 { try await context.sleep(for: .milliseconds(around.pace.milliseconds(300))) }
                return try await context.run("then") { key in
                    try await world.act(key)
                    return item
                }
            }
            return numbers.reduce(0, +)
        case .flow:
            let state = try await context.flow("sub", type: Self.child)
            return state["marks"]?["second"]?.int ?? 0
        }
        return 0
    }

    private func question(_ title: String) -> PromptDraft {
        PromptDraft(kind: .confirmation, title: title, message: "", shown: [:], allowed: [.approve, .reject])
    }
}

/// What is around a body.
private struct Surroundings: Sendable {
    let world: any OutsideWorld
    let pace: RandomFlow.Pace
}

/// As the seed wants it.
struct Planned: Error {}

extension RandomFlow {
    fileprivate struct Maker {
        var random: SeededGenerator
        var nodes: [Node] = []
        var onFailure: FailurePolicy
        private var loops = 0

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
            onFailure = Bool.random(using: &random) ? .collect : .ignore
        }

        mutating func make() {
            for _ in 0..<Int.random(in: 1...2, using: &random) { plain(when: nil) }
            for _ in 0..<Int.random(in: 2...7, using: &random) {
                switch Int.random(in: 0..<10, using: &random) {
                case 0...3: plain(when: .step(pick()))
                case 4: plain(when: .all([.step(pick()), .step(pick())]))
                case 5: plain(when: .any([.step(pick()), .step(pick())]))
                case 6: plain(when: .all([.step(pick()), .any([.step(pick()), .step(pick())])]))
                case 7: add(.ask(pickPlain()), when: .step(""))
                case 8: branch()
                default: loop()
                }
            }
        }

        /// Steps outside of loops: what is within one ends more than once.
        private var once: [Node] { nodes.filter { !$0.name.hasPrefix("loop") } }
        private mutating func pick() -> String { once.randomElement(using: &random)?.name ?? "" }
        private mutating func pickPlain() -> String {
            once.filter { if case .plain = $0.kind { true } else { false } }.randomElement(using: &random)?.name ?? ""
        }

        @discardableResult
        private mutating func add(
            _ kind: Kind,
            when condition: FlowCondition?,
            prefix: String = "step",
            rounds: Int? = nil
        ) -> String {
            let name = "\(prefix) \(nodes.count)"
            let fails = Int.random(in: 0..<6, using: &random)
            nodes.append(
                Node(
                    name: name,
                    condition: condition,
                    kind: kind,
                    failures: fails == 0 ? 2 : fails == 1 ? 1 : 0,
                    isLost: prefix == "step" && Int.random(in: 0..<12, using: &random) == 0,
                    rounds: rounds
                )
            )
            return name
        }

        @discardableResult
        private mutating func plain(
            when condition: FlowCondition?,
            prefix: String = "step",
            rounds: Int? = nil
        ) -> String {
            let actions = (0..<Int.random(in: 0...3, using: &random)).map { _ -> Action in
                switch Int.random(in: 0..<16, using: &random) {
                case 0...6: .run
                case 7, 8: .sleep(milliseconds: [10, 700, 30_000].randomElement(using: &random) ?? 10)
                case 9, 10: .ask
                case 11: .say
                case 12: .update
                case 13, 14: .parallel(Int.random(in: 1...3, using: &random))
                default: .flow
                }
            }
            return add(.plain(actions), when: condition, prefix: prefix, rounds: rounds)
        }

        private mutating func branch() {
            let labels = (0...Int.random(in: 1...2, using: &random)).map { "way \(nodes.count) \($0)" }
            add(.router(labels), when: .step(pick()))
            for label in labels { plain(when: .label(label)) }
        }

        private mutating func loop() {
            loops += 1
            let (again, exit) = ("again \(loops)", "exit \(loops)")
            let before = FlowCondition.step(pick())
            let head = plain(when: .any([before, .label(again)]), prefix: "loop", rounds: 4)
            var last = head
            for _ in 0..<Int.random(in: 0...2, using: &random) { last = plain(when: .step(last), prefix: "loop") }
            // Beside the loop, once for each time.
            plain(when: .step(head), prefix: "loop")
            add(.router([again, exit]), when: .step(last), prefix: "loop")
            plain(when: .label(exit))
        }
    }
}
