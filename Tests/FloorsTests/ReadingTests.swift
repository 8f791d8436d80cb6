import Testing

/// The checks are worth what their reading is worth: it must see what is there, and nothing in comments or strings.
struct ReadingTests {
    @Test func importsOfAllForms() {
        let text = """
            // import Commented
            /* import Nested /* import Deeper */ */
            import Plain
            public import Exposed
            @preconcurrency import Old
            @testable internal import Inner
            import struct Whole.Part
            let text = "import Quoted"
            """
        #expect(SourceText(path: "", text: text).imports == ["Plain", "Exposed", "Old", "Inner", "Whole"])
    }

    @Test(arguments: [
        "Task { }", "Task.detached { }", "Task(priority: .low) { }", "Task<Void, Never> { }", "let t = Task\n{ }",
        "Task.immediate { }", "Task(executorPreference: e) { }",
    ])
    func findsTasks(_ code: String) {
        #expect(SourceText(path: "", text: code).taskStarts.count == 1)
    }

    @Test(arguments: [
        "let t: Task<Void, Never>?", "Task.isCancelled", "await Task.yield()", "// Task { }", "\"Task { }\"",
        "BackgroundTask { }", "\"\"\"\nTask { }\n\"\"\"",
    ])
    func findsNothingElse(_ code: String) {
        #expect(SourceText(path: "", text: code).taskStarts.isEmpty)
    }

    @Test func readsTheManifest() {
        let manifest = Manifest(
            """
            targets: [
                .target(name: "A"),
                .systemLibrary(name: "B", pkgConfig: "b", providers: [.apt(["libb-dev"])]),
                .executableTarget(name: "D", dependencies: ["C", .product(name: "X", package: "x"), "A"]),
                .target(name: "Help", dependencies: ["A"], path: "Tests/Help"),
            ] + module("C", on: ["A", http, "B"], tests: ["E"])
            """
        )
        #expect(manifest.dependencies == ["A": [], "B": [], "C": ["A", "B"], "D": ["C", "A"]])
    }
}
