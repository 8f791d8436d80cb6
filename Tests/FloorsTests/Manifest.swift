import Foundation

/// What Package.swift says about our targets: each with the names of those it depends on.
///
/// Read as text: asking SwiftPM would wait for the very build that runs the tests.
struct Manifest {
    /// By the target's name. External products are not listed.
    private(set) var dependencies: [String: [String]] = [:]

    init(_ text: String) {
        let calls = [
            /\bmodule\(\s*"(\w+)"/, /\.(?:target|executableTarget|macro|systemLibrary)\(\s*name:\s*"(\w+)"/,
        ]
        for call in calls {
            for match in text.matches(of: call) {
                let arguments = Self.balanced(text[match.range.lowerBound...])
                // What only tests and benchmarks use stands beside the house, not in it.
                guard !arguments.contains("path: \"") else { continue }
                dependencies[String(match.output.1)] =
                    Self.list(after: /\b(?:on|dependencies):\s*\[/, in: arguments)
                    + Self.list(after: /\bmacros:\s*\[/, in: arguments)
            }
        }
    }

    /// The text up to the parenthesis that closes the first one.
    private static func balanced(_ text: Substring) -> Substring {
        var depth = 0
        for index in text.indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" {
                depth -= 1
                if depth == 0 { return text[...index] }
            }
        }
        return text
    }

    /// The string literals that stand by themselves in the list: those inside `.product(…)` are external.
    private static func list(after label: Regex<Substring>, in text: Substring) -> [String] {
        guard let start = text.firstMatch(of: label)?.range.upperBound else { return [] }
        var names: [String] = []
        var depth = 0
        var rest = text[start...]
        while let character = rest.popFirst(), character != "]" || depth > 0 {
            switch character {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "\"":
                let name = rest.prefix { $0 != "\"" }
                rest = rest.dropFirst(name.count + 1)
                if depth == 0 { names.append(String(name)) }
            default: break
            }
        }
        return names
    }
}
