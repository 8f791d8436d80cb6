import SwiftDiagnostics
import Testing

/// Each mistake gets one message, where it is.
struct MistakeTests {
    @Test(arguments: Mistake.ofDeclarations + Mistake.ofMethods + Mistake.ofAttributes + Mistake.ofFlows)
    func aMistakeIsSaidWhereItIs(_ mistake: Mistake) throws {
        let findings = try Expansion(mistake.source).findings
        #expect(findings.map(\.id) == [MessageID(domain: "Signalbox", id: mistake.id)])
        let finding = try #require(findings.first)
        #expect(finding.node == mistake.node)
        #expect(finding.message == mistake.message)
        #expect(finding.notes == mistake.notes)
        try #require(finding.fixed.count == mistake.fixed.count)
        for (fixed, part) in zip(finding.fixed, mistake.fixed) { #expect(fixed.contains(part), "\(fixed)") }
    }

    /// A fix-it that stands alone has to leave a declaration that is right.
    @Test(
        arguments: (Mistake.ofDeclarations + Mistake.ofMethods + Mistake.ofAttributes + Mistake.ofFlows).filter {
            $0.fixed.count == 1
        }
    )
    func aFixMendsIt(_ mistake: Mistake) throws {
        let fixed = try #require(try Expansion(mistake.source).findings.first?.fixed.first)
        #expect(try Expansion(fixed).findings.isEmpty, "\(fixed)")
    }
}

extension Mistake {
    static let ofDeclarations: [Mistake] = [
        Mistake(
            id: "notAStruct",
            source: "@Flow(\"t\") final class T { struct State {}\n @Start func a(_ context: Context) {} }",
            node: "class",
            message: "@Flow belongs on a struct: it is made once, and what it stores is what its steps use",
            fixed: ["@Flow(\"t\") struct T"]
        ),
        Mistake(
            id: "notAStruct",
            source: "@Flow(\"t\") enum T {}",
            node: "@Flow(\"t\")",
            message: "@Flow belongs on a struct: it is made once, and what it stores is what its steps use"
        ),
        Mistake(
            id: "genericFlow",
            source: "@Flow(\"t\") struct T<Value> { struct State {} }",
            node: "<Value>",
            message: "a flow type cannot be generic: it is made without anyone to name its parameters"
        ),
        Mistake(
            id: "flowName",
            source: "@Flow(\"a\\(b)\") struct T { struct State {} }",
            node: "@Flow(\"a\\(b)\")",
            message: "@Flow needs the name that clients start the type by, as a string literal: @Flow(\"expenses\")"
        ),
        Mistake(
            id: "noState",
            source: "@Flow(\"t\") struct T {\n    @Start func a(_ context: Context) {}\n}",
            node: "T",
            message: "T has no State: declare within it what its steps share, as a Codable and Sendable type",
            fixed: ["struct T {\n    struct State: Codable, Sendable {}\n\n    @Start"]
        ),
        .inFlow(
            "noInit",
            "let key: String\n    @Start func a(_ context: Context) {}",
            at: "key",
            "T is made once, by init(): declare one within it, or give a value to all that it stores"
        ),
        .inFlow(
            "noInit",
            "let key: String\n    init(key: String) { self.key = key }\n    @Start func a(_ context: Context) {}",
            at: "key",
            "T is made once, by init(): declare one within it, or give a value to all that it stores"
        ),
        .inFlow("noStart", "", at: "T", "T has no start: put @Start on the step that it begins with"),
        .inFlow(
            "conditionalStep",
            "@Start func a(_ context: Context) {}\n#if DEBUG\n@Listen(\"a\") func b(_ context: Context) {}\n#endif",
            at: "@Listen(\"a\")",
            "a step cannot stand within #if: a flow that began with it would find other steps. Give the flow type another version instead"
        ),
        Mistake(
            id: "unseenStep",
            source: "extension T { @Start func a(_ context: Context) {} }",
            node: "@Start",
            message: "a step stands in the struct itself: @Flow does not see what is in its extensions"
        ),
        Mistake(
            id: "unseenStep",
            source: "struct T { @Start func a(_ context: Context) {} }",
            node: "@Start",
            message: "@Start is for the methods of a struct with @Flow"
        ),
        .inFlow(
            "notAMethod",
            "@Start func a(_ context: Context) {}\n@Listen(\"a\") var b = 1",
            at: "@Listen(\"a\")",
            "@Listen belongs on a method: its body is what the step does"
        ),
        Mistake(
            id: "agentName",
            source: "@Agent(\"\") struct A {}",
            node: "@Agent(\"\")",
            message: "@Agent needs the agent's name as a string literal: @Agent(\"bookkeeper\")"
        ),
        Mistake(
            id: "genericAgent",
            source: "@Agent(\"a\") struct A<Value> {}",
            node: "<Value>",
            message: "an agent cannot be generic: it is found without anyone to name its parameters"
        ),
        Mistake(
            id: "notAType",
            source: "@Agent(\"a\") extension A {}",
            node: "@Agent(\"a\")",
            message: "@Agent belongs on the declaration of a struct, enum, class or actor"
        ),
    ]

    static let ofMethods: [Mistake] = [
        .inFlow(
            "modifier",
            "@Start\n    static func a(_ context: Context) {}",
            at: "static",
            "a step is a method of the flow's value, not of its type",
            fixed: ["@Start\n    func a"]
        ),
        .inFlow(
            "modifier",
            "@Start public mutating func a(_ context: Context) {}",
            at: "mutating",
            "a step cannot change the flow's value, which all flows of the type share: change the state, by context.stage",
            fixed: ["@Start public func a"]
        ),
        .inFlow(
            "modifier",
            "@Start\n    consuming public func a(_ context: Context) {}",
            at: "consuming",
            "a step cannot use up the flow's value, which all flows of the type share",
            fixed: ["@Start\n    public func a"]
        ),
        .inFlow(
            "genericStep",
            "@Start func a<Value>(_ context: Context) {}",
            at: "<Value>",
            "a step cannot be generic: its result is read back from the journal as one type"
        ),
        .inFlow(
            "noContext",
            "@Start func a() {}",
            at: "()",
            "a needs the step's context as its first parameter",
            fixed: ["func a(_ context: Context)"]
        ),
        .inFlow(
            "noContext",
            "@Start func a(_ context: Context) -> Int { 1 }\n@Listen(\"a\") func b(_ number: Int) {}",
            at: "_ number: Int",
            "b needs the step's context as its first parameter",
            fixed: ["func b(_ context: Context, _ number: Int)"]
        ),
        .inFlow(
            "inputs",
            "@Start func a(_ context: Context, _ number: Int) {}",
            at: "_ number: Int",
            "a begins by itself: it takes the context only"
        ),
        .inFlow(
            "inputs",
            "@Start func a(_ context: Context) -> Int { 1 }\n@Listen(\"a\") func b(_ context: Context, _ x: Int, y: Int) {}",
            at: "y: Int",
            "b takes (_ context: Context) or (_ context: Context, _: Int), by what it listens to: another step's result is read by context.result(of: Steps.…)"
        ),
        .inFlow(
            "inputs",
            "@Start func a(_ context: Context) {}\n@Listen(\"a\") func b(_ context: Context, _ x: Int) {}",
            at: "_ x: Int",
            "what b listens to has no result to take, so it takes the context only: another step's result is read by context.result(of: Steps.…)"
        ),
        .inFlow(
            "inputs",
            """
            @Start func a(_ context: Context) -> Int { 1 }
            @Ask("a") func b(_ context: Context) -> PromptDraft { draft }
            @Listen(.all("a", "b")) func c(_ context: Context, _ x: Int) {}
            """,
            at: "c",
            "c takes (_ context: Context) or (_ context: Context, _: Int, _: PromptAnswer), by what it listens to: another step's result is read by context.result(of: Steps.…)"
        ),
        .inFlow(
            "specialParameter",
            "@Start func a(_ context: Context) -> Int { 1 }\n@Listen(\"a\") func b(_ context: Context, _ x: inout Int) {}",
            at: "_ x: inout Int",
            "a step gets values: no parameter of it is inout, variadic or a pack"
        ),
        .inFlow(
            "specialParameter",
            "@Start func a(_ context: Context) -> Int { 1 }\n@Listen(\"a\") func b(_ context: Context, _ x: Int...) {}",
            at: "_ x: Int...",
            "a step gets values: no parameter of it is inout, variadic or a pack"
        ),
        .inFlow(
            "result",
            "@Start func a(_ context: Context) {}\n@Ask(\"a\") func b(_ context: Context) -> String { \"\" }",
            at: "String",
            "@Ask is for methods that return what it asks, as a PromptDraft"
        ),
        .inFlow(
            "result",
            """
            @Start func a(_ context: Context) {}
            @Router("a", labels: ["x"]) func b(_ context: Context) {}
            @Listen("x") func c(_ context: Context) {}
            """,
            at: "b",
            "@Router is for methods that return one of its labels, as a Label"
        ),
        .inFlow(
            "result",
            "@Start func a(_ context: Context) -> (Int, Int) { (1, 2) }",
            at: "(Int, Int)",
            "a tuple cannot be kept in the journal: return a Codable struct"
        ),
    ]
}
