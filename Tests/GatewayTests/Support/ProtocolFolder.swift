import Foundation

/// The folder `protocol` of the package that this file belongs to.
enum ProtocolFolder {
    static let isUpdating = ProcessInfo.processInfo.environment["SIGNALBOX_UPDATE_PROTOCOL"] == "1"

    static var root: URL {
        var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        while !FileManager.default.fileExists(atPath: folder.appending(path: "Makefile").path), folder.path != "/" {
            folder.deleteLastPathComponent()
        }
        return folder
    }

    private static func url(_ name: String) -> URL { root.appending(path: "protocol").appending(path: name) }

    static func read(_ name: String) throws -> Data { try Data(contentsOf: url(name)) }

    static func write(_ content: Data, to name: String) throws {
        try FileManager.default.createDirectory(
            at: url(name).deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try content.write(to: url(name))
    }
}
