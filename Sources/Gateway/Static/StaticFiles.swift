import HTTP
import HTTPTypes
import Server

/// The page's files, read once. Only what was found at the start is ever served, so no request reaches the file system.
struct StaticFiles: Sendable {
    private let files: [String: StaticFile]

    /// Paths that people type.
    private static let aliases = ["/": "/index.html", "/docs": "/docs.html"]
    private static let allowed = "GET, HEAD, OPTIONS"

    /// No files.
    init() { files = [:] }

    /// Reads a folder and those below it. Hidden files and symbolic links are left out.
    init(root: String) throws(StaticFilesError) {
        var files = try StaticFolder(root: root).files
        for (alias, path) in Self.aliases { files[alias] = files[path] }
        self.files = files
    }

    /// The file of a request's path.
    /// - Parameter now: seconds since 1970-01-01T00:00:00Z.
    /// - Throws: ``Problem`` when there is none, the method is no reading one, or the file is not to be had as asked for;
    ///   `HTTPError`.
    func answer(_ head: RequestHead, now: Int) throws -> Response {
        guard let segments = try? head.pathSegments(), let file = files["/" + segments.joined(separator: "/")] else {
            throw Problem(.notFound)
        }
        switch head.method {
        case .get, .head: return try file.answer(head, now: now)
        case .options: return Response(status: .noContent, headers: [.allow: Self.allowed])
        default:
            var problem = Problem(.methodNotAllowed)
            problem.headers[.allow] = Self.allowed
            throw problem
        }
    }
}
