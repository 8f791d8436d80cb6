import Glibc
import HTTP

/// Reads a folder of files that are to be served.
struct StaticFolder {
    /// The files by their path below the root, which begins with `/`.
    private(set) var files: [String: StaticFile] = [:]
    private var totalBytes = 0

    private static let maximumFiles = 2000
    private static let maximumBytes = 64 << 20
    /// What is compressed beforehand lies beside the file, under its name with one of these behind.
    private static let siblings: [(suffix: String, coding: ContentCoding)] = [(".br", .brotli), (".gz", .gzip)]

    /// A plain file of the folder that is being read.
    private struct Entry {
        let path: String
        let modified: Int
    }

    init(root: String) throws(StaticFilesError) { try read(root, at: "") }

    private mutating func read(_ folder: String, at path: String) throws(StaticFilesError) {
        var entries: [String: Entry] = [:]
        for name in try Self.names(in: folder) where !name.hasPrefix(".") {
            let file = folder + "/" + name
            var status = stat()
            guard lstat(file, &status) == 0 else { throw .unreadable(path: file) }
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                try read(file, at: path + "/" + name)
            case S_IFREG:
                totalBytes += Int(status.st_size)
                guard files.count + entries.count < Self.maximumFiles, totalBytes <= Self.maximumBytes else {
                    throw .tooLarge(files: Self.maximumFiles, bytes: Self.maximumBytes)
                }
                entries[name] = Entry(path: file, modified: status.st_mtim.tv_sec)
            default:
                continue
            }
        }
        for (name, entry) in entries where !Self.isSibling(name, in: entries) {
            files[path + "/" + name] = try Self.file(name, entry, in: entries)
        }
    }

    private static func isSibling(_ name: String, in entries: [String: Entry]) -> Bool {
        siblings.contains { name.hasSuffix($0.suffix) && entries[String(name.dropLast($0.suffix.count))] != nil }
    }

    private static func file(
        _ name: String,
        _ entry: Entry,
        in entries: [String: Entry]
    ) throws(StaticFilesError) -> StaticFile {
        var coded: [ContentCoding: [UInt8]] = [:]
        for (suffix, coding) in siblings {
            // A sibling that is older was made of what the file held before.
            guard let sibling = entries[name + suffix], sibling.modified >= entry.modified else { continue }
            coded[coding] = try content(of: sibling.path)
        }
        return StaticFile(
            content: try content(of: entry.path),
            contentType: MediaType.contentType(forFile: name),
            // A date in the future would make every copy look old (RFC 9110 §8.8.2.1).
            lastModified: min(entry.modified, time(nil)),
            coded: coded
        )
    }

    private static func names(in folder: String) throws(StaticFilesError) -> [String] {
        guard let directory = opendir(folder) else { throw .unreadable(path: folder) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            )
        }
        return names
    }

    private static func content(of file: String) throws(StaticFilesError) -> [UInt8] {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: file) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw .unreadable(path: file) }
            guard count > 0 else { return content }
            content += buffer[..<count]
        }
    }
}

/// Why the page's files could not be read.
public enum StaticFilesError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file or folder cannot be opened.
    case unreadable(path: String)
    /// The folder holds more than a page should.
    case tooLarge(files: Int, bytes: Int)

    /// One sentence for the operator.
    public var description: String {
        switch self {
        case .unreadable(let path): "\(path) of the page cannot be read."
        case .tooLarge(let files, let bytes): "The page's folder has more than \(files) files or \(bytes) bytes."
        }
    }
}
