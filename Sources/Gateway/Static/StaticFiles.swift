import Glibc
import HTTP
import HTTPTypes
import Server

/// The page's files, read once. Only what was found at the start is ever served, so no request reaches the file system.
struct StaticFiles: Sendable {
    private var files: [String: StaticFile] = [:]

    private static let maximumFiles = 2000
    private static let maximumBytes = 64 << 20
    /// Paths that people type.
    private static let aliases = ["/": "/index.html", "/docs": "/docs.html"]

    /// No files.
    init() {}

    /// Reads a folder and those below it. Hidden files and symbolic links are left out.
    init(root: String) throws(StaticFilesError) {
        var total = 0
        try read(root, at: "", &total)
        for (alias, path) in Self.aliases { files[alias] = files[path] }
    }

    /// The file of a request's path.
    /// - Throws: ``Problem`` when there is none or the method is no reading one, `HTTPError`.
    func answer(_ head: RequestHead) throws -> Response {
        guard let segments = try? head.pathSegments(), let file = files["/" + segments.joined(separator: "/")] else {
            throw Problem(.notFound)
        }
        switch head.method {
        case .get, .head: return try file.answer(head)
        case .options: return Response(status: .noContent, headers: [.allow: "GET, HEAD, OPTIONS"])
        default:
            var problem = Problem(.methodNotAllowed)
            problem.headers[.allow] = "GET, HEAD, OPTIONS"
            throw problem
        }
    }

    private mutating func read(_ folder: String, at path: String, _ total: inout Int) throws(StaticFilesError) {
        for name in try Self.names(in: folder) where !name.hasPrefix(".") {
            let file = folder + "/" + name
            var status = stat()
            guard lstat(file, &status) == 0 else { throw .unreadable(path: file) }
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                try read(file, at: path + "/" + name, &total)
            case S_IFREG:
                total += Int(status.st_size)
                guard files.count < Self.maximumFiles, total <= Self.maximumBytes else {
                    throw .tooLarge(files: Self.maximumFiles, bytes: Self.maximumBytes)
                }
                files[path + "/" + name] = StaticFile(
                    content: try Self.content(of: file),
                    contentType: MediaType.contentType(forFile: name)
                )
            default:
                continue
            }
        }
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
