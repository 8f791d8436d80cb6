import SwiftDiagnostics
import Testing

struct FlowExpansionTests {
    @Test func theContextAndTheResultsAreMembers() throws {
        let expansion = try Expansion(
            """
            @Flow("t")
            public struct T {
                struct State: Codable, Sendable {}
                @Start public func read(_ context: Context) -> [String: Int] { [:] }
                @Ask("read") func `import`(_ context: Context) -> PromptDraft { draft }
                @Router("import", labels: ["x"]) private func choose(_ context: Context) -> Label { "x" }
                @Listen("x", name: "say no") func refuse(_ context: Context) -> () {}
            }
            """
        )
        #expect(expansion.findings.isEmpty, "\(expansion.findings)")
        #expect(
            expansion.members == """
                /// What the steps of this flow may use.
                public typealias Context = Flows.StepContext<State>
                /// The results of this flow's steps: `context.result(of:)` reads them.
                public enum Steps {
                    public static let read = Flows.Step<[String: Int]>("read")
                    static let `import` = Flows.Step<PromptAnswer>("import")
                    fileprivate static let choose = Flows.Step<String>("choose")
                    static let refuse = Flows.Step<Bool>("say no")
                }
                """
        )
    }

    @Test func theExtensionCallsTheBuilder() throws {
        let expansion = try Expansion(
            """
            @Flow("t", version: 2, onFailure: .collect)
            struct T {
                struct State: Codable, Sendable { var x = 1 }
                @Start func a(_ context: Context) -> Int { 1 }
                @Start(policy: .standard) func b(context: Context) async throws -> Int { 1 }
                @Listen(.all("a", "b"), policy: StepPolicy(rounds: 2)) func c(_ context: Context, _ a: Int, b: Int) -> Int { 1 }
                @Race("a", "b") func d(_ context: Context, _ first: Int) async {}
                @Router(.any("c", .all("a", "d")), labels: ["x", "y"]) func e(_ context: Context) -> Label { "x" }
                @Ask(.label("x"), check: T.check) func f(_ context: Context) -> PromptDraft { draft }
                @Listen("y") func g(_ context: Context) throws {}
            }
            """
        )
        #expect(expansion.findings.isEmpty, "\(expansion.findings)")
        #expect(
            expansion.extensions == """
                extension T: Flows.FlowPlugin {
                    static var name: String { "t" }
                    static var version: Int { 2 }
                    static var onFailure: Flows.FailurePolicy { .collect }
                    static var blankState: State? { State() }
                    static func define(_ flow: Flows.FlowBuilder<State>) throws {
                        try addSteps(of: Self(), to: flow)
                    }
                    private static func addSteps(of plugin: Self, to flow: Flows.FlowBuilder<State>) throws {
                        flow.start("a") { context in
                            plugin.a(context)
                        }
                        flow.start("b", policy: .standard) { context in
                            try await plugin.b(context: context)
                        }
                        flow.listen("c", when: .all([.step("a"), .step("b")]), policy: StepPolicy(rounds: 2)) { context in
                            try plugin.c(context, context.result(of: Steps.a), b: context.result(of: Steps.b))
                        }
                        flow.race("d", when: .any([.step("a"), .step("b")])) { context in
                            try await plugin.d(context, context.result(ofFirst: [Steps.a, Steps.b]))
                            return true
                        }
                        flow.router("e", when: .any([.step("c"), .all([.step("a"), .step("d")])]), labels: ["x", "y"]) { context in
                            plugin.e(context)
                        }
                        flow.ask("f", when: .label("x"), check: T.check) { context in
                            plugin.f(context)
                        }
                        flow.listen("g", when: .label("y")) { context in
                            try plugin.g(context)
                            return true
                        }
                    }
                    @section("signalbox_plugins") @used
                    private static let pluginRecord: @convention(c) (UnsafeMutableRawPointer) -> Void = {
                        T.declare(at: $0)
                    }
                }
                """
        )
    }

    @Test(
        arguments: [
            ("struct State: Codable, Sendable {}", true),
            (
                "struct State: Codable, Sendable { var a = 1; let b = 2; var c: Int?; var d: Int { 1 }; static let e: Int }",
                true
            ),
            ("struct State: Codable, Sendable { let a: Int; init() { a = 1 } }", true),
            ("struct State: Codable, Sendable { var a: Int }", false),
            ("struct State: Codable, Sendable { let a: Int? }", false),
            ("struct State: Codable, Sendable { var a: Int { didSet {} } }", false),
            ("struct State: Codable, Sendable { var a = 1; init(a: Int) {} }", false),
            ("typealias State = Other", false),
            ("enum State: Codable, Sendable { case a }", false),
        ]
    )
    func aStateOfDefaultsIsMadeOfNothing(_ state: String, _ isMadeOfNothing: Bool) throws {
        let expansion = try Expansion("@Flow(\"t\") struct T { \(state)\n @Start func a(_ context: Context) {} }")
        #expect(expansion.findings.isEmpty, "\(expansion.findings)")
        #expect(expansion.extensions.contains("blankState") == isMadeOfNothing)
    }

    @Test(arguments: [
        "", "let key: String; init() throws {}", "let key: String; init(key: String = \"\") {}", "var key: Int?",
        "@Wrapped var key: Int",
    ])
    func aFlowIsMadeByItsInit(_ members: String) throws {
        let expansion = try Expansion(
            "@Flow(\"t\") struct T { \(members)\n struct State {}\n @Start func a(_ context: Context) {} }"
        )
        #expect(expansion.findings.isEmpty, "\(expansion.findings)")
    }

    @Test func aFaultyFlowIsStillOne() throws {
        let expansion = try Expansion(
            "@Flow(\"t\") struct T { struct State {}\n @Listen(\"x\") func a(_ context: Context) {} }"
        )
        #expect(expansion.findings.map(\.id) == [MessageID(domain: "Signalbox", id: "noStart")])
        #expect(expansion.members.contains("static let a"))
        #expect(expansion.extensions.contains("extension T: Flows.FlowPlugin"))
        #expect(!expansion.extensions.contains("flow.listen"))
    }

    @Test func anAgentIsFound() throws {
        let expansion = try Expansion("@Agent(\"bookkeeper\") public struct Bookkeeper {}")
        #expect(expansion.findings.isEmpty)
        #expect(
            expansion.extensions == """
                extension Bookkeeper: Agents.Agent {
                    public static var name: String { "bookkeeper" }
                    @section("signalbox_plugins") @used
                    private static let pluginRecord: @convention(c) (UnsafeMutableRawPointer) -> Void = {
                        Bookkeeper.declare(at: $0)
                    }
                }
                """
        )
    }
}
