import Glibc
import Reactor

/// A program started by us.
///
/// Not Foundation's `Process`: the child needs a process group of its own (so that Ctrl-C reaches only us), an empty
/// signal mask (ours is not) and a working directory that its user can enter.
struct ChildProcess {
    /// How a program ended.
    enum Ending: Equatable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    private static let env = "/usr/bin/env"

    let id: pid_t

    /// Starts a program with a minimal environment, in the folder `/`.
    /// - Parameters:
    ///   - command: the absolute path of the program, then its arguments.
    ///   - output: receives standard output and standard error.
    init(_ command: [String], output: Int32) throws(SystemError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var pipe = none
        sigaddset(&pipe, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &pipe)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP)
        )

        // Nothing of our environment is passed on: a PGPORT or PGHOST of the shell would turn Postgres's head.
        let environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8"]
        var id: pid_t = 0
        // The folder is changed by env(1): posix_spawn's own way to do it is not visible from Swift.
        let code = Self.withCStrings([Self.env, "--chdir=/"] + command) { arguments in
            Self.withCStrings(environment) { variables in
                posix_spawn(&id, Self.env, &actions, &attributes, arguments, variables)
            }
        }
        guard code == 0 else { throw SystemError("posix_spawn", code: code) }
        self.id = id
    }

    /// Runs a program to its end and returns what it said.
    static func run(_ command: [String]) throws(SystemError) -> (ending: Ending, output: String) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError("pipe") }
        defer { close(ends[0]) }
        // The child must not hold our end, or the pipe would never report its end.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let child: ChildProcess
        do throws(SystemError) {
            child = try ChildProcess(command, output: ends[1])
        } catch {
            close(ends[1])
            throw error
        }
        close(ends[1])
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(ends[0], &buffer, buffer.count)
            if count > 0 { output += buffer[..<count] } else if count == 0 || errno != EINTR { break }
        }
        return (child.wait(), String(decoding: output, as: UTF8.self))
    }

    /// Blocks until the program has ended.
    func wait() -> Ending {
        while true {
            if let ending = collect(options: 0) { return ending }
        }
    }

    /// How the program ended, nil while it runs.
    func poll() -> Ending? { collect(options: WNOHANG) }

    private func collect(options: Int32) -> Ending? {
        var status: Int32 = 0
        let result = waitpid(id, &status, options)
        if result == 0 || (result < 0 && errno == EINTR) { return nil }
        // ECHILD: somebody else has collected it; it is over in any case.
        guard result == id else { return .exited(-1) }
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal: signal)
    }

    private static func withCStrings<Result>(
        _ texts: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let pointers = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}
