import Foundation
import Glibc

/// What a running Postgres says about itself in `postmaster.pid`.
struct PostmasterFile: Equatable {
    enum Status: String {
        case starting
        case ready
        case standby
        case stopping
    }

    let process: pid_t
    let status: Status?

    /// Parses the file's lines: process, data folder, start time, port, socket folder, address, shared memory, status.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let process = pid_t(lines[0].trimmingCharacters(in: .whitespaces)), process > 1 else { return nil }
        self.process = process
        status = lines.count > 7 ? Status(rawValue: lines[7].trimmingCharacters(in: .whitespaces)) : nil
    }

    /// The file of a data folder; nil when there is none or it is not complete.
    static func read(in data: String) -> PostmasterFile? {
        (try? String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8)).flatMap { PostmasterFile($0) }
    }

    /// Whether the process is alive and works in `data`: a process id alone may have been given to somebody else.
    func isRunning(in data: String) -> Bool {
        guard let folder = realpath("/proc/\(process)/cwd", nil) else { return false }
        defer { free(folder) }
        return String(cString: folder) == data
    }
}
