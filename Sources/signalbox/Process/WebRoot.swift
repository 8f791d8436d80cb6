import Foundation
import Glibc

/// Finds the folder with the page.
enum WebRoot {
    private static let marker = "index.html"

    /// The configured folder, else `web-static` beside the executable, in one of the folders above it (the repository,
    /// when it was built there), or in `share/signalbox` of an installation.
    static func find(configured: String?) throws(Failure) -> String {
        if let configured {
            guard access(configured + "/" + marker, R_OK) == 0 else {
                throw Failure(.configuration, "web_root is \"\(configured)\"; there is no readable \(marker) in it.")
            }
            return configured
        }
        var folder = URL(filePath: Self.executable).deletingLastPathComponent().standardizedFileURL
        while true {
            for name in ["web-static", "share/signalbox/web-static"] {
                let candidate = folder.appending(path: name).path
                if access(candidate + "/" + marker, R_OK) == 0 { return candidate }
            }
            guard folder.path != "/" else { break }
            folder.deleteLastPathComponent()
        }
        throw Failure(.configuration, "the page (web-static) was not found near \(executable); set web_root.")
    }

    private static var executable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
