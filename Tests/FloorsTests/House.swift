import Foundation

/// The package as it lies on disk.
struct House: Sendable {
    let manifest: Manifest
    /// By the target's name.
    let sources: [String: [SourceText]]

    /// Reads the package that this file belongs to.
    static func read() throws -> House {
        var root = URL(filePath: #filePath).resolvingSymlinksInPath()
        while !FileManager.default.fileExists(atPath: root.appending(path: "Makefile").path), root.path != "/" {
            root.deleteLastPathComponent()
        }
        let manifest = Manifest(try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8))
        let folder = root.appending(path: "Sources")
        var sources: [String: [SourceText]] = [:]
        for target in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let files = FileManager.default.enumerator(atPath: folder.appending(path: target).path)
            sources[target] = try (files?.compactMap { $0 as? String } ?? [])
                .filter { $0.hasSuffix(".swift") }
                .map { name in
                    let path = "\(target)/\(name)"
                    let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
                    return SourceText(path: path, text: text)
                }
        }
        return House(manifest: manifest, sources: sources)
    }

    /// Everything a target uses of ours: declared or imported.
    func uses(of target: String) -> Set<String> {
        let imported = (sources[target] ?? []).flatMap(\.imports).filter { manifest.dependencies[$0] != nil }
        return Set(manifest.dependencies[target] ?? []).union(imported).subtracting([target])
    }
}
