import Domain
import FlowTypes
import JSON

@Flow("expense-claim")
struct ExpenseClaim {
    struct State: Codable, Sendable {
        var amount = 0
        var purpose: String?
        var outcome = "open"
    }

    let bank = Bank()

    @Start
    func check(_ context: Context) async throws -> Int {
        let claim = try await context.state()
        guard claim.amount > 0 else { throw Refusal("There is nothing to pay.") }
        return claim.amount
    }

    @Ask("check")
    func confirm(_ context: Context, _ amount: Int) -> PromptDraft {
        PromptDraft(
            kind: .confirmation,
            title: "Pay \(amount) €?",
            message: "",
            shown: ["amount": JSON(amount)],
            allowed: [.approve, .reject]
        )
    }

    @Router("confirm", labels: ["paid", "refused"])
    func decide(_ context: Context, _ answer: PromptAnswer) -> Label { answer.verb == "approve" ? "paid" : "refused" }

    @Listen("paid", policy: StepPolicy(retry: RetryPolicy(attempts: 5), timeout: .seconds(30)))
    func pay(_ context: Context) async throws -> String {
        let amount = try context.result(of: Steps.check)
        let receipt = try await context.run("transfer") { key in try await bank.transfer(amount, once: key.text) }
        context.stage { $0.outcome = "paid" }
        return receipt
    }

    @Listen("refused")
    func refuse(_ context: Context) {
        context.stage { $0.outcome = "refused" }
    }
}
