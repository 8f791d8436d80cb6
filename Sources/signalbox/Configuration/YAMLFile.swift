import Configuration
import Foundation
import Locking

/// A YAML file that holds a mapping.
struct YAMLFile {
    let snapshot: YAMLSnapshot
    /// All keys that have a value, those of inner mappings after the outer key and a dot.
    let keys: Set<String>

    /// Reads a file.
    /// - Parameters:
    ///   - purpose: what kind of file it is, for people.
    ///   - path: how it was named.
    ///   - location: where it is.
    /// - Returns: nil when there is nothing in it.
    static func read(_ purpose: String, _ path: String, at location: String) throws(Failure) -> YAMLFile? {
        let text: String
        do {
            text = try String(contentsOfFile: location, encoding: .utf8)
        } catch {
            throw Failure(.configuration, "the \(purpose) file \(path) cannot be read as UTF-8 text.")
        }
        // An empty document has no root, which the snapshot would take for a mistake.
        let isBlank = text.split(separator: "\n").allSatisfy {
            let line = $0.trimmingCharacters(in: .whitespaces)
            return line.isEmpty || line.hasPrefix("#")
        }
        guard !isBlank else { return nil }
        // The snapshot does not list its keys, but it asks of each whether it is secret.
        let keys = Mutex<Set<String>>([])
        let options = YAMLSnapshot.ParsingOptions(
            secretsSpecifier: .dynamic { key, _ in
                keys.withLock { _ = $0.insert(key) }
                return true
            }
        )
        do {
            let snapshot = try YAMLSnapshot(
                data: text.utf8Span.span.bytes,
                providerName: path,
                parsingOptions: options
            )
            return YAMLFile(snapshot: snapshot, keys: keys.withLock(\.self))
        } catch {
            let reason = "\(error)".split(separator: "\n").joined(separator: " ")
            throw Failure(.configuration, "the \(purpose) file \(path) is not usable YAML: \(reason)")
        }
    }

    /// The one value of a key; nil when there is none, or a list.
    func text(_ key: [String]) -> String? {
        guard let found = try? snapshot.value(forKey: AbsoluteConfigKey(key), type: .string).value,
            case .string(let text) = found.content
        else { return nil }
        return text
    }
}
