import ArgumentParser
import Glibc

/// Why a command ends: one sentence for people, one exit code for scripts.
struct Failure: Error, Equatable, CustomStringConvertible {
    /// Exit codes, as `sysexits.h` numbers them.
    enum Code: Int32 {
        /// Files that are there but cannot be used: a broken data folder.
        case brokenData = 65
        /// The operating-system user that Postgres must run as is missing.
        case noUser = 67
        /// The database does not answer, or refuses.
        case databaseUnavailable = 69
        /// A bug, or an end that was not clean.
        case software = 70
        /// The system refuses: the port is taken, no descriptors are left.
        case system = 71
        /// A program or file of a package is missing.
        case missingPackage = 72
        /// A file or folder cannot be written.
        case cannotWrite = 73
        /// Somebody else holds what is needed; later it may work.
        case busy = 75
        /// A setting is unusable.
        case configuration = 78
    }

    let code: Code
    let sentence: String

    init(_ code: Code, _ sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    var description: String { sentence }
}

/// Text for the person at the terminal; logs go through swift-log.
enum Console {
    /// Writes a line to standard output.
    static func print(_ text: String) { _ = write(Array((text + "\n").utf8)) }

    /// Writes a line to standard error, marked as ours.
    static func warn(_ text: String) {
        _ = write(Array("signalbox: \(text)\n".utf8), to: STDERR_FILENO)
    }

    /// Runs a command's body; a ``Failure`` becomes its sentence on standard error and its exit code.
    static func reportingFailure(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let failure as Failure {
            warn(failure.sentence)
            throw ExitCode(failure.code.rawValue)
        }
    }

    /// Writes bytes to standard output; false when that is not possible.
    static func write(_ bytes: [UInt8], to descriptor: Int32 = STDOUT_FILENO) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return false }
            sent += max(0, count)
        }
        return true
    }
}
