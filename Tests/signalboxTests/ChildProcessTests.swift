import Glibc
import Testing

@testable import signalbox

struct ChildProcessTests {
    @Test func reportsOutputAndEnding() throws {
        let (ending, output) = try ChildProcess.run(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"])
        #expect(ending == .exited(3))
        #expect(output == "out\nerr\n")
        #expect(try ChildProcess.run(["/bin/sh", "-c", "kill -9 $$"]).ending == .killed(signal: SIGKILL))
    }

    @Test func passesNothingOfOursOn() throws {
        setenv("PGPORT", "1", 1)
        defer { unsetenv("PGPORT") }
        #expect(try ChildProcess.run(["/bin/sh", "-c", "pwd; echo ${PGPORT-unset}"]).output == "/\nunset\n")
    }

    /// Ctrl-C in the terminal goes to the whole foreground group: children must not be in ours, nor inherit our mask.
    @Test func hasAGroupAndAMaskOfItsOwn() throws {
        let script = "cut -d' ' -f5 /proc/self/stat; grep SigBlk /proc/self/status"
        var blocked = sigset_t()
        var before = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &blocked, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let lines = try ChildProcess.run(["/bin/sh", "-c", script]).output.split(separator: "\n")
        #expect(lines.first.flatMap { pid_t($0) } != getpgrp())
        #expect(lines.last == "SigBlk:\t0000000000000000")
    }

    @Test func aMissingProgramIsAnEnding() throws {
        #expect(try ChildProcess.run(["/nonexistent"]).ending == .exited(127))
    }
}
