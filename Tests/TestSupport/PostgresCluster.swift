// TestSupport: what tests of several targets need: a real PostgreSQL of their own, and a migrated database in it.
//
// It must never be used by the product. Start with `TestDatabase`; `PostgresCluster` is for tests below Persistence.

import Foundation
import Glibc

/// A private PostgreSQL 15 in a temporary folder, reached over a Unix socket only.
///
/// One for each test process, made on first use. It ends with the process, however that ends: a small shell process waits
/// for the end of a pipe that only this process holds open, stops the server and removes the folder.
public final class PostgresCluster: Sendable {
    /// The folder of the socket.
    public let socketDirectory: String

    /// Debian's place for the programs of version 15.
    private static let binaries = "/usr/lib/postgresql/15/bin"

    /// Whether PostgreSQL 15 is installed: tests that need it are skipped without.
    public static var isAvailable: Bool { access("\(binaries)/postgres", X_OK) == 0 }

    private static let only = Result { try PostgresCluster() }

    /// The cluster of this process. Blocks for a second or two the first time.
    public static func shared() throws -> PostgresCluster { try only.get() }

    /// A cluster of the caller's own, for what cannot be done to one that others use. Blocks for a second or two.
    public static func another() throws -> PostgresCluster { try PostgresCluster() }

    /// Has the server end as if it were killed. It does not come back.
    public func stop() throws {
        let command =
            Self.loweredPrivileges + [
                "\(Self.binaries)/pg_ctl", "-D", socketDirectory + "/data", "-m", "immediate", "-w", "stop",
            ]
        try Self.run(command[0], Array(command.dropFirst()))
    }

    /// The file of the server's log.
    public var log: String { socketDirectory + "/log" }

    /// A connection URL for the superuser.
    public func url(database: String) -> String { "postgresql://postgres@/\(database)?host=\(socketDirectory)" }

    /// Makes a database: an empty one, or a copy of another that nobody is connected to.
    /// - Returns: its name, which starts with `prefix`.
    public func createDatabase(_ prefix: String = "test", template: String = "template1") throws -> String {
        let name = prefix + "_" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        try run(sql: "CREATE DATABASE \(name) TEMPLATE \(template)")
        return name
    }

    /// Runs SQL as the superuser with `psql`, which owes nothing to the client under test.
    /// - Returns: the rows, unaligned, without headers.
    @discardableResult
    public func run(sql: String, database: String = "postgres") throws -> String {
        try Self.run(
            "\(Self.binaries)/psql",
            ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, url(database: database)]
        )
    }

    private init() throws {
        let folder = try Self.makeFolder()
        socketDirectory = folder
        let data = folder + "/data"
        let lowered = Self.loweredPrivileges
        try Self.run(
            lowered[0],
            Array(lowered.dropFirst()) + [
                "\(Self.binaries)/initdb", "--pgdata=\(data)", "--username=postgres", "--auth=trust", "--no-sync",
                "--encoding=UTF8", "--locale=C.UTF-8",
            ]
        )
        // The shell inherits the reading end as its standard input; `read` returns when this process is gone. It cannot
        // `wait`: Foundation starts children with SIGCHLD blocked.
        let settings = [
            "listen_addresses=", "unix_socket_directories=\(folder)", "fsync=off", "synchronous_commit=off",
            "full_page_writes=off", "max_connections=1000", "shared_buffers=64MB", "log_min_messages=fatal",
        ]
        let script = """
            folder=$1; shift
            "$@" </dev/null >"$folder/log" 2>&1 &
            server=$!
            read -r _
            kill -INT $server
            for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e "$folder/data/postmaster.pid" ] && sleep 0.3; done
            rm -rf "$folder"
            """
        let guardian = Process()
        guardian.executableURL = URL(fileURLWithPath: "/bin/sh")
        guardian.arguments =
            ["-c", script, "sh", folder] + lowered + ["\(Self.binaries)/postgres", "-D", data]
            + settings.flatMap { ["-c", $0] }
        let pipe = Pipe()
        guardian.standardInput = pipe
        guardian.standardOutput = FileHandle.nullDevice
        guardian.standardError = FileHandle.nullDevice
        _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        try guardian.run()
        // Kept open for the life of the process.
        _ = Unmanaged.passRetained(pipe)
        try Self.waitUntilReady(folder)
    }

    private static func makeFolder() throws -> String {
        var template = Array("/tmp/signalbox-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestSupportError("mkdtemp failed: \(errno)") }
        let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        if getuid() == 0 {
            guard let account = getpwnam("postgres") else { throw TestSupportError("there is no user postgres") }
            guard chown(folder, account.pointee.pw_uid, account.pointee.pw_gid) == 0 else {
                throw TestSupportError("chown failed: \(errno)")
            }
        }
        return folder
    }

    /// PostgreSQL refuses to run as root; `setpriv` becomes the program it starts, so signals reach the server itself.
    private static var loweredPrivileges: [String] {
        guard getuid() == 0 else { return ["/usr/bin/env"] }
        return ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    }

    private static func waitUntilReady(_ folder: String) throws {
        for _ in 0..<600 {
            let ready = try? run("\(binaries)/pg_isready", ["-q", "-h", folder])
            if ready != nil { return }
            usleep(50_000)
        }
        let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
        throw TestSupportError("PostgreSQL did not start: \(log)")
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        let output = Pipe()
        let errors = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TestSupportError("\(program): \(String(decoding: complaint, as: UTF8.self))")
        }
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// Something around the tests does not work.
public struct TestSupportError: Error, CustomStringConvertible {
    /// What.
    public let description: String

    init(_ description: String) { self.description = description }
}
