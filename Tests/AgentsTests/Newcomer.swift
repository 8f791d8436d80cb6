import Agents
import FlowTypes
import JSON

struct PayBill: Tool {
    struct Arguments: Codable, Sendable { var to: String, amount: Int }

    static let name = "pay_bill"
    static let summary = "Moves money to somebody."
    static let risk = Risk.high
    static let schema: JSON = [
        "type": "object", "required": ["to", "amount"],
        "properties": ["to": ["type": "string", "minLength": 1], "amount": ["type": "integer", "minimum": 1]],
    ]

    func call(_ arguments: Arguments, _ call: ToolCall) async throws -> String {
        "\(arguments.amount) € to \(arguments.to)"
    }
}

@Agent("clerk") struct Clerk {
    static let summary = "Pays bills."
    static let tools: [any Tool.Type] = [PayBill.self]
}

@Flow("bill") struct Bill {
    struct State: Codable, Sendable {
        var to: String
        var amount: Int
        var receipt: String?
    }

    @Start func pay(_ context: Context) async throws {
        let bill = try await context.state()
        let receipt = try await context.call(PayBill(), .init(to: bill.to, amount: bill.amount), as: Clerk.self)
        context.stage { $0.receipt = receipt }
    }
}
