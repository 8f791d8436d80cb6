extension Mistake {
    private static let start = "@Start func begin(_ context: Context) {}\n"

    static let ofAttributes: [Mistake] = [
        .inFlow(
            "twoAttributes",
            "@Start @Listen(\"a\") func a(_ context: Context) {}",
            at: "@Listen(\"a\")",
            "a is a step already: a method is one step",
            notes: ["@Start"],
            fixed: ["@Start func a"]
        ),
        .inFlow(
            "unreadableName",
            start + "@Start(name: other) func a(_ context: Context) {}",
            at: "other",
            "a step's name is a string literal: the compiler has to read it"
        ),
        .inFlow(
            "unreadableTrigger",
            start + "@Listen(other) func a(_ context: Context) {}",
            at: "other",
            "what a step listens to is written out, with string literals in .step, .label, .all and .any: the compiler has to read it"
        ),
        .inFlow(
            "unreadableTrigger",
            start + "@Listen(.all(\"begin\", .step(other))) func a(_ context: Context) {}",
            at: ".step(other)",
            ".step names one step by a string literal"
        ),
        .inFlow(
            "emptyTrigger",
            start + "@Listen(.any()) func a(_ context: Context) {}",
            at: ".any()",
            ".any names nothing: what listens to it would never run"
        ),
        .inFlow(
            "severalTriggers",
            start + "@Listen(\"begin\", \"x\") func a(_ context: Context) {}",
            at: "\"x\"",
            "a step listens to one thing: say .all(\"begin\", \"x\") to wait for all of it, or .any(\"begin\", \"x\") for the first"
        ),
        .inFlow(
            "lonelyRace",
            start + "@Race(\"begin\") func a(_ context: Context) {}",
            at: "@Race(\"begin\")",
            "a race is between two steps at least"
        ),
        .inFlow(
            "raceOfLabels",
            start + "@Race(\"begin\", .label(\"x\")) func a(_ context: Context) {}",
            at: ".label(\"x\")",
            "a race is between steps: a label cannot be skipped"
        ),
        .inFlow(
            "unreadableLabels",
            start + "@Router(\"begin\", labels: [other]) func a(_ context: Context) -> Label { \"x\" }",
            at: "[other]",
            "a router's labels are written out as string literals: the compiler has to read them"
        ),
        .inFlow(
            "noLabels",
            start + "@Router(\"begin\", labels: []) func a(_ context: Context) -> Label { \"x\" }",
            at: "[]",
            "a router needs the labels that it may return"
        ),
    ]

    static let ofFlows: [Mistake] = [
        .inFlow(
            "stepName",
            "@Start(name: \"a/b\") func a(_ context: Context) {}",
            at: "\"a/b\"",
            "a step cannot have this name: 1 to 100 bytes, no slash, no control character"
        ),
        .inFlow(
            "duplicateStep",
            start + "@Listen(\"begin\", name: \"begin\") func a(_ context: Context) {}",
            at: "\"begin\"",
            "two steps are named begin: give one of them another, by the attribute's name:",
            notes: ["begin"]
        ),
        .inFlow(
            "unknownName",
            start + "@Listen(\"begni\") func a(_ context: Context) {}",
            at: "\"begni\"",
            "a listens to begni, which is neither a step nor a label of this flow: did you mean begin?",
            fixed: ["@Listen(\"begin\") func a"]
        ),
        .inFlow(
            "unknownName",
            start + "@Listen(\"something else\") func a(_ context: Context) {}",
            at: "\"something else\"",
            "a listens to something else, which is neither a step nor a label of this flow"
        ),
        .inFlow(
            "unknownName",
            start + "@Listen(.label(\"begin\")) func a(_ context: Context) {}",
            at: "\"begin\"",
            "a listens to begin, which is no label of this flow, but a step",
            fixed: ["@Listen(.step(\"begin\")) func a"]
        ),
        .inFlow(
            "unknownName",
            start + "@Router(\"begin\", labels: [\"x\"]) func a(_ context: Context) -> Label { \"x\" }\n"
                + "@Listen(.any(\"x\", .step(\"x\"))) func b(_ context: Context) {}",
            at: "\"x\"",
            "b listens to x, which is no step of this flow, but a label",
            fixed: [".any(\"x\", .label(\"x\"))"]
        ),
        .inFlow(
            "unknownName",
            start + "@Race(\"begin\", \"beginn\") func a(_ context: Context) {}",
            at: "\"beginn\"",
            "a listens to beginn, which is no step of this flow: did you mean begin?",
            fixed: ["@Race(\"begin\", \"begin\")"]
        ),
        .inFlow(
            "ambiguousName",
            start + "@Router(\"begin\", labels: [\"begin\"]) func a(_ context: Context) -> Label { \"begin\" }",
            at: "\"begin\"",
            "begin is both a step and a label: say which",
            fixed: ["@Router(.step(\"begin\"), labels", "@Router(.label(\"begin\"), labels"]
        ),
        .inFlow(
            "unheardLabel",
            start + "@Router(\"begin\", labels: [\"x\", \"y\"]) func a(_ context: Context) -> Label { \"x\" }\n"
                + "@Listen(\"x\") func b(_ context: Context) {}",
            at: "\"y\"",
            "nobody listens to label y: give a step @Listen(\"y\"), or leave the label out"
        ),
        .inFlow(
            "neverRuns",
            start + "@Listen(.all(\"begin\", \"a\")) func a(_ context: Context) {}",
            at: "@Listen(.all(\"begin\", \"a\"))",
            "a never runs: what it listens to cannot happen, whatever the routers say"
        ),
        .inFlow(
            "unboundedCycle",
            start
                + "@Listen(.any(\"begin\", \"b\")) func a(_ context: Context) {}\n@Listen(\"a\") func b(_ context: Context) {}",
            at: "@Listen(.any(\"begin\", \"b\"))",
            "the flow can go round for ever: a → b → a. One of these steps must say how often it may run",
            notes: ["@Listen(\"a\")"],
            fixed: ["@Listen(.any(\"begin\", \"b\"), policy: StepPolicy(rounds: 10)) func a"]
        ),
        .inFlow(
            "unboundedCycle",
            start
                + "@Listen(.any(\"begin\", \"a\"), policy: StepPolicy(timeout: .seconds(1), rounds: nil)) func a(_ context: Context) {}",
            at: "@Listen(.any(\"begin\", \"a\"), policy: StepPolicy(timeout: .seconds(1), rounds: nil))",
            "the flow can go round for ever: a → a. One of these steps must say how often it may run",
            fixed: ["policy: StepPolicy(timeout: .seconds(1), rounds: 10)) func a"]
        ),
    ]
}
