import Approvals
import Domain
import FlowSupport
import FlowTypes
import JSON

/// What a flow of the tests depends on.
struct Rates: Sendable {
    func inEuro(_ amount: Double) -> Double { amount * 2 }
}

/// Steps of all kinds, one after the other.
@Flow("expenses", version: 3, onFailure: .collect)
struct Expenses {
    struct State: Codable, Sendable {
        var amount = 0.0
        var note: String?
        var outcome = "open"
    }

    struct Receipt: Codable, Sendable {
        var total: Double
    }

    let rates = Rates()

    @Start
    func read(_ context: Context) async throws -> Receipt {
        Receipt(total: rates.inEuro(try await context.state().amount))
    }

    @Ask("read", check: Expenses.check)
    func confirm(_ context: Context, _ receipt: Receipt) -> PromptDraft { question("Pay \(receipt.total)?") }

    @Router("confirm", labels: ["paid", "refused"])
    func decide(_ context: Context, _ answer: PromptAnswer) -> Label { answer.verb == "reject" ? "refused" : "paid" }

    @Listen("paid", policy: StepPolicy(retry: RetryPolicy(attempts: 3)))
    func pay(_ context: Context) throws -> String {
        let total = try context.result(of: Steps.read).total
        context.stage { $0.outcome = "paid" }
        return "\(total)"
    }

    @Listen("refused", name: "say no")
    func refuse(_ context: Context) {
        context.stage { $0.outcome = "refused" }
    }

    @Sendable static func check(_ draft: PromptDraft, _ answer: PromptAnswer) -> [Violation] {
        answer.reason == "no" ? [Violation(pointer: "/reason", message: "is too short")] : []
    }
}

extension Expenses {
    /// The same by the builder.
    static func built() throws -> FlowDefinition<State> {
        let rates = Rates()
        return try FlowDefinition("expenses", version: 3, onFailure: .collect, initial: Expenses.initial) { flow in
            let read = flow.start("read") { context in
                Receipt(total: rates.inEuro(try await context.state().amount))
            }
            let confirm = flow.ask("confirm", after: read, check: Expenses.check) { _, receipt in
                question("Pay \(receipt.total)?")
            }
            flow.router("decide", after: confirm, labels: ["paid", "refused"]) { _, answer in
                answer.verb == "reject" ? "refused" : "paid"
            }
            flow.listen("pay", on: "paid", policy: StepPolicy(retry: RetryPolicy(attempts: 3))) { context in
                let total = try context.result(of: read).total
                context.stage { $0.outcome = "paid" }
                return "\(total)"
            }
            flow.listen("say no", on: "refused") { context in
                context.stage { $0.outcome = "refused" }
                return true
            }
        }
    }
}

/// Conditions of all forms.
@Flow("joins")
struct Joins {
    struct State: Codable, Sendable {
        var log: [String] = []
    }

    @Start func a(_ context: Context) -> Int { 1 }
    @Start func b(_ context: Context) -> String { "x" }
    @Start func slow(_ context: Context) async throws -> Int {
        try await context.sleep(for: .seconds(3_600))
        return 3
    }

    @Listen(.all("a", "b"))
    func both(context: Context, number: Int, text: String) -> String { "\(number)\(text)" }

    @Race("a", "slow")
    func first(_ context: Context, _ number: Int) -> Int { number }

    @Listen(.any(.step("both"), "b"))
    func either(_ context: Context, _ text: String) {
        context.stage { $0.log.append("either \(text)") }
    }

    @Router(.all("first", "either"), labels: ["both"])
    func route(_ context: Context, first: Int) -> Label { "both" }

    @Listen(.all(.any(.label("both"), "slow"), .step("both"), "first"))
    func nested(_ context: Context) throws -> Bool {
        let text = try context.result(of: Steps.both)
        context.stage { $0.log.append("nested \(text)") }
        return true
    }
}

extension Joins {
    /// The same by the builder.
    static func built() throws -> FlowDefinition<State> {
        try FlowDefinition("joins", initial: { _ in State() }) { flow in
            let a = flow.start("a") { _ in 1 }
            let b = flow.start("b") { _ in "x" }
            let slow = flow.start("slow") { context in
                try await context.sleep(for: .seconds(3_600))
                return 3
            }
            let both = flow.listen("both", toBoth: a, b) { _, number, text in "\(number)\(text)" }
            flow.race("first", between: [a, slow]) { _, number in number }
            flow.listen("either", toAny: [both, b]) { context, text in
                context.stage { $0.log.append("either \(text)") }
                return true
            }
            flow.router("route", when: .all([.step("first"), .step("either")]), labels: ["both"]) { _ in "both" }
            flow.listen(
                "nested",
                when: .all([.any([.label("both"), .step("slow")]), .step("both"), .step("first")])
            ) { context in
                let text = try context.result(of: both)
                context.stage { $0.log.append("nested \(text)") }
                return true
            }
        }
    }
}

/// A circle with a bound.
@Flow("drafts")
struct Drafts {
    struct State: Codable, Sendable {
        var wanted: Int
        var drafts: [Int]
    }

    @Start
    func begin(_ context: Context) throws {}

    static let bounded = StepPolicy(rounds: 5)

    @Listen(.any("begin", "again"), policy: bounded)
    func draft(_ context: Context) async throws -> Int {
        context.stage { $0.drafts.append(context.round) }
        return context.round
    }

    @Router("draft", labels: ["again", "done"])
    func judge(_ context: Context, _ draft: Int) async throws -> Label {
        draft < (try await context.state().wanted) ? "again" : "done"
    }

    @Listen("done")
    @MainActor private func end(_ context: Context) async -> Bool { true }
}

/// One whose input is read by hand, and that cannot be made without what it depends on.
@Flow("strict", version: 2)
struct Strict {
    typealias State = Tally

    init() throws {
        guard Strict.isReady else { throw Broken("there is no key") }
    }

    @TaskLocal static var isReady = true

    static func initial(_ input: JSON?) throws -> State {
        guard let text = input?.string else { throw FlowError.invalidInput(pointer: "/input", message: "must be text") }
        return Tally(log: [text])
    }

    @Start
    func only(_ context: Context) -> Int { 1 }
}
