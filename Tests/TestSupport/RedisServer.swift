import Foundation
import Glibc
import Locking

/// A Redis server of a test's own on a port of this machine, which may be killed, started again and held still.
///
/// It ends with the process, however that ends: a small shell process waits for the end of a pipe that only this process
/// holds open, kills the server and removes the folder.
public final class RedisServer: Sendable {
    private struct Running {
        let process: pid_t
        /// Its end is the server's end.
        let lifeline: Pipe
    }

    /// The port on 127.0.0.1, the same for all its lives.
    public let port: UInt16
    /// The path of its Unix socket.
    public let socketPath: String
    private let folder: String
    private let settings: [String]
    private let running = Mutex<Running?>(nil)

    /// Where the program may be. Debian's package of tools has it under another name, and becomes what it is called.
    private static let program: String? = {
        let places: [String] = ["/usr/bin/redis-server", "/usr/local/bin/redis-server", "/usr/bin/redis-check-rdb"]
        return places.first { access($0, X_OK) == 0 }
    }()

    /// Whether Redis is installed: tests that need it are skipped without.
    public static var isAvailable: Bool { program != nil && access("/usr/bin/redis-cli", X_OK) == 0 }

    /// Prepares a server and, unless told otherwise, starts it.
    /// - Parameter settings: arguments as on the command line: `--requirepass secret`.
    public init(settings: [String] = [], isStarted: Bool = true) throws {
        var template = Array("/tmp/signalbox-redis-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestSupportError("mkdtemp failed: \(errno)") }
        folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        socketPath = folder + "/socket"
        port = try Self.freePort()
        self.settings = settings
        guard let program = Self.program else { throw TestSupportError("Redis is not installed") }
        guard symlink(program, folder + "/redis-server") == 0 else { throw TestSupportError("symlink: \(errno)") }
        if isStarted { try start() }
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Starts the server, and returns once it answers.
    public func start() throws {
        // The shell inherits the reading end as its standard input; `read` returns when this process is gone.
        let script = """
            folder=$1; shift
            "$folder/redis-server" "$@" </dev/null >"$folder/log" 2>&1 &
            echo $!
            read -r _
            kill -KILL $! 2>/dev/null
            """
        let guardian = Process()
        guardian.executableURL = URL(fileURLWithPath: "/bin/sh")
        guardian.arguments =
            ["-c", script, "sh", folder, "--port", "\(port)", "--bind", "127.0.0.1", "--unixsocket", socketPath]
            + ["--dir", folder, "--save", "", "--appendonly", "no"] + settings
        let (lifeline, output) = (Pipe(), Pipe())
        guardian.standardInput = lifeline
        guardian.standardOutput = output
        guardian.standardError = FileHandle.nullDevice
        _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        try guardian.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let process = pid_t(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw TestSupportError("Redis was not started: \(line)")
        }
        running.withLock { $0 = Running(process: process, lifeline: lifeline) }
        for _ in 0..<600 {
            // Also an answer that a password is missing is one.
            if let answer = try? cli("PING"), answer.contains("PONG") || answer.contains("NOAUTH") { return }
            usleep(20_000)
        }
        throw TestSupportError((try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "no log")
    }

    /// Ends the server without a warning. Nobody listens any more when this returns.
    public func kill() {
        guard let running = running.withLock({ $0.take() }) else { return }
        Glibc.kill(running.process, SIGKILL)
        try? running.lifeline.fileHandleForWriting.close()
        while (try? cli("PING")) != nil {}
    }

    /// Holds the server still: its connections stay, and nothing comes of them.
    public func pause() { signal(SIGSTOP) }

    /// Lets it go on.
    public func resume() { signal(SIGCONT) }

    /// Runs a command with `redis-cli`, which owes nothing to the client under test.
    /// - Returns: what it printed.
    @discardableResult
    public func cli(_ words: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/redis-cli")
        process.arguments = ["-h", "127.0.0.1", "-p", "\(port)"] + words
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw TestSupportError("redis-cli: \(text)") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func signal(_ number: Int32) {
        guard let process = running.withLock({ $0?.process }) else { return }
        Glibc.kill(process, number)
    }

    private static func freePort() throws -> UInt16 {
        let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(probe) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(probe, $0, length) == 0 ? getsockname(probe, $0, &length) : -1
            }
        }
        guard code == 0 else { throw TestSupportError("no free port: \(errno)") }
        return UInt16(bigEndian: address.sin_port)
    }
}
