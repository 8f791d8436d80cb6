import Foundation
import JSON

/// A state, the same after five small changes with nothing shared, and the patch between them.
struct DocumentPair {
    let from: JSON
    let to: JSON
    let patch: JSONPatch

    /// The patch as a hundred commits would bring it.
    var patches: [JSONPatch] { Array(repeating: JSONPatch(operations: Array(patch.operations.prefix(3))), count: 100) }

    /// Two sizes: the documents in the folder that the command line names, or our own.
    static func all() throws -> [DocumentPair] {
        guard let folder = CommandLine.arguments.dropFirst().first else {
            return try [40, 720].map { try DocumentPair(Document.make(hosts: $0)) }
        }
        return try ["10", "200"].map { size in
            func read(_ name: String) throws -> JSON {
                try JSON.parse(Array(try Data(contentsOf: URL(fileURLWithPath: folder).appendingPathComponent(name))))
            }
            return DocumentPair(
                from: try read("doc\(size)a.json"),
                to: try read("doc\(size)b.json"),
                patch: try JSONPatch(json: read("patch\(size).json"))
            )
        }
    }

    private init(from: JSON, to: JSON, patch: JSONPatch) {
        (self.from, self.to, self.patch) = (from, to, patch)
    }

    private init(_ document: JSON) throws {
        let changed = try Document.withFiveChanges(document)
        let patch = JSONPatch.diff(from: document, to: changed)
        self.init(from: document, to: try JSON.parse(changed.serialized()), patch: patch)
    }
}
