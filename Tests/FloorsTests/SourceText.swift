import Foundation

/// A Swift source without its comments and string literals, so that a search finds code only.
struct SourceText {
    let path: String
    let code: String

    init(path: String, text: String) {
        self.path = path
        code = Self.stripped(text)
    }

    /// The modules of the import declarations, submodules and single declarations reduced to their module.
    var imports: [String] {
        code.split(separator: "\n").compactMap { line in
            var words = line.split { $0 == " " || $0 == "\t" || $0 == ";" }
            while let word = words.first, word != "import" {
                let isModifier = ["public", "package", "internal", "fileprivate", "private"].contains(word)
                guard isModifier || word.hasPrefix("@") else { return nil }
                words.removeFirst()
            }
            guard words.count > 1 else { return nil }
            let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            let name = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
            return name.split(separator: ".").first.map(String.init)
        }
    }

    /// Every place that starts a task by itself.
    var taskStarts: [Substring] {
        code.matches(
            of:
                /\bTask\s*(?:\.\s*(?:detached|immediate)\b|<[^>]*>\s*[{(]|\{|\(\s*(?:name|priority|executorPreference|operation)\s*:)/
        )
        .map(\.output)
    }

    /// Cuts comments (nested ones too) and the text of string literals, keeping the lines.
    private static func stripped(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        var depth = 0
        while let character = rest.first {
            if rest.hasPrefix("/*") {
                depth += 1
                rest.removeFirst(2)
            } else if depth > 0, rest.hasPrefix("*/") {
                depth -= 1
                rest.removeFirst(2)
            } else if depth > 0 {
                if character.isNewline { result.append("\n") }
                rest.removeFirst()
            } else if rest.hasPrefix("//") {
                rest = rest.drop { !$0.isNewline }
            } else if rest.hasPrefix("\"\"\"") {
                rest.removeFirst(3)
                while !rest.isEmpty, !rest.hasPrefix("\"\"\"") {
                    if rest.first == "\\" { rest.removeFirst() }
                    if let next = rest.popFirst(), next.isNewline { result.append("\n") }
                }
                rest = rest.dropFirst(3)
                result.append("\"\"")
            } else if character == "\"" {
                rest.removeFirst()
                while let next = rest.first, next != "\"", !next.isNewline {
                    rest.removeFirst()
                    if next == "\\" { rest = rest.dropFirst() }
                }
                rest = rest.dropFirst()
                result.append("\"\"")
            } else {
                result.append(character)
                rest.removeFirst()
            }
        }
        return result
    }
}
