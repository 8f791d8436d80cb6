import Agents
import Domain
import FlowSupport
import Flows
import JSON
import TestSupport
import Testing

/// Which calls are made, and what watchers see of them.
@Suite(.enabled(if: PostgresCluster.isAvailable), .timeLimit(.minutes(2))) struct CallTests {
    @Test func aCallComesToTheToolsOutput() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of { context in
            try await context.call(Transfer(witness), .init(to: "eve", amount: 5), as: Bookkeeper.self)
        }
        let done = try await bench.run()
        #expect(done.status == .succeeded && done.state["log"] == ["paid eve"])
        #expect(witness.all == ["5 to eve"])
        let calls = try await bench.calls(done.id)
        #expect(calls.map(\.name) == ["transfer"] && calls.first?.result == "paid eve")
        #expect(try calls.first.map { try JSON.parse($0.arguments) } == ["to": "eve", "amount": 5])
        await bench.stop()
    }

    @Test func argumentsThatBreakTheSchemaAreNamedAndNotTriedAgain() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of(policy: soon) { context in
            witness.saw("attempt")
            return try await context.call(Transfer(witness), .init(to: "", amount: 0), as: Bookkeeper.self)
        }
        let done = try await bench.run()
        #expect(done.status == .failed && witness.all == ["attempt"])
        let error = try #require(try await bench.steps(done.id).first?.error)
        #expect(error.contains("\"/to\"") && error.contains("\"/amount\""), "\(error)")
        #expect(try await bench.calls(done.id).map(\.code) == ["invalid_arguments"])
        await bench.stop()
    }

    @Test func aToolThatTheAgentDoesNotDeclareIsRefused() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of { context in
            do {
                return try await context.call(Transfer(witness), .init(to: "eve", amount: 5), as: Visitor.self)
            } catch let error as ToolError {
                #expect(error == .undeclared(tool: "transfer", agent: "visitor", declared: []))
                return error.code
            }
        }
        let done = try await bench.run()
        #expect(done.state["log"] == ["undeclared_tool"] && witness.all.isEmpty)
        #expect(try await bench.calls(done.id).map(\.code) == ["undeclared_tool"])
        await bench.stop()
    }

    @Test func modelsCallByNameAndLearnWhatThereIs() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of { context in
            let tools: [any Tool] = [Transfer(witness)]
            let paid = try await context.call(
                named: "transfer",
                arguments: ["to": "eve", "amount": 7],
                as: Bookkeeper.self,
                using: tools
            )
            var log = [paid.string ?? "nothing"]
            for (name, arguments) in [("transfur", [:]), ("transfer", ["to": "eve", "amount": "7"])] as [(String, JSON)]
            {
                do {
                    _ = try await context.call(named: name, arguments: arguments, as: Bookkeeper.self, using: tools)
                } catch let error as ToolError { log.append(error.description) }
            }
            return log.joined(separator: "|")
        }
        let done = try await bench.run()
        let log = done.state["log"]?[0]?.string?.split(separator: "|") ?? []
        #expect(log.count == 3 && log[0] == "paid eve")
        #expect(log[1] == "agent bookkeeper has no tool transfur here, only transfer")
        #expect(log[2].contains("\"/amount\""))
        #expect(witness.all == ["7 to eve"])
        #expect(try await bench.calls(done.id).map(\.code) == [nil, "unknown_tool", "invalid_arguments"])
        await bench.stop()
    }

    @Test func anAgentMakesNoMoreCallsThanItMay() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of { context in
            var codes: [String] = []
            for amount in 1...4 {
                do {
                    try await context.call(Transfer(witness), .init(to: "eve", amount: amount), as: Intern.self)
                } catch let error as ToolError { codes.append(error.code) }
            }
            return codes.joined(separator: " ")
        }
        let done = try await bench.run()
        #expect(done.state["log"] == ["too_many_calls too_many_calls"])
        #expect(witness.all == ["1 to eve", "2 to eve"])
        #expect(try await bench.calls(done.id).map(\.code) == [nil, nil, "too_many_calls", "too_many_calls"])
        await bench.stop()
    }

    @Test func aCallThatTakesTooLongIsTriedAgainWithTheSameKey() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of(policy: soon) { context in
            let slow = Transfer { _, call in
                witness.saw(call.key.text)
                if witness.all.count < 3 { try await Task.sleep(for: .seconds(3600)) }
                return "late"
            }
            return try await context.call(slow, .init(to: "eve", amount: 5), as: Intern.self)
        }
        let done = try await bench.run()
        #expect(done.state["log"] == ["late"])
        #expect(witness.all == Array(repeating: "\(done.id)/pay/1/transfer", count: 3))
        let calls = try await bench.calls(done.id)
        #expect(calls.map(\.code) == ["failed", "failed", nil])
        #expect(calls.first?.result?.contains("took longer than") == true)
        await bench.stop()
    }

    @Test func aToolThatFailsForGoodHasOneResultAndIsNotCalledAgain() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of(policy: soon) { context in
            let broken = Transfer { _, _ in
                witness.saw("call")
                throw NoSuchAccount()
            }
            do {
                return try await context.call(broken, .init(to: "eve", amount: 5), as: Bookkeeper.self)
            } catch ToolError.failed {
                if context.attempt < 3 { throw Hiccup() }
                return "went on"
            }
        }
        let done = try await bench.run()
        #expect(done.state["log"] == ["went on"] && witness.all == ["call"])
        let calls = try await bench.calls(done.id)
        #expect(calls.map(\.code) == ["failed"])
        #expect(calls.first?.result?.contains("there is no such account") == true)
        await bench.stop()
    }

    @Test func aLargeOutputIsKeptWholeAndShownCut() async throws {
        let bench = try await FlowBench.of { context in
            let wordy = Transfer { _, _ in String(repeating: "a", count: 100_000) }
            let output = try await context.call(wordy, .init(to: "eve", amount: 5), as: Bookkeeper.self)
            return "\(output.count)"
        }
        let done = try await bench.run()
        #expect(done.state["log"] == ["100000"])
        let shown = try #require(try await bench.calls(done.id).first?.result)
        #expect(shown.utf8.count < 17_000 && shown.hasSuffix("(100000 bytes in all)"))
        await bench.stop()
    }
}
