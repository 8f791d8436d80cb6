import Glibc
import Reactor

/// A private Postgres cluster: reachable through a Unix socket only, kept between runs.
struct DevCluster {
    static let binaries = "/usr/lib/postgresql/15/bin"
    private static let version = "15"

    let location: ClusterLocation
    let account: ServiceAccount?
    /// The most connections the server will open.
    let connections: Int

    /// Says which package is missing before anything is touched.
    static func checkBinaries(in folder: String = binaries) throws(Failure) {
        for name in ["initdb", "postgres", "psql"] where access("\(folder)/\(name)", X_OK) != 0 {
            throw Failure(
                .missingPackage,
                "Postgres 15 is not installed (no \(folder)/\(name)): apt-get install postgresql-15"
            )
        }
    }

    /// Starts the cluster, created first if need be, or adopts the one that an earlier process left running.
    /// - Returns: nil when the process was asked to stop meanwhile.
    func start() throws(Failure) -> RunningCluster? {
        try create()
        var process = try adopt()
        if process == nil { process = try launch() }
        guard let process else { return nil }
        let running = RunningCluster(location: location, process: process)
        do throws(Failure) {
            try createDatabase()
        } catch {
            running.stop()
            throw error
        }
        return running
    }

    /// initdb works on a draft that is renamed when it is complete, so that an interrupted one is simply made again.
    private func create() throws(Failure) {
        if access(location.data, F_OK) == 0 {
            var kept = [CChar](repeating: 0, count: 16)
            let descriptor = open(location.data + "/PG_VERSION", O_RDONLY | O_CLOEXEC)
            defer { if descriptor >= 0 { close(descriptor) } }
            let count = descriptor < 0 ? 0 : Glibc.read(descriptor, &kept, kept.count - 1)
            let found = String(decoding: kept.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard found == Self.version + "\n" else {
                let what = found.isEmpty ? "not a Postgres cluster" : "of Postgres \(found.prefix { $0 != "\n" })"
                throw Failure(
                    .brokenData,
                    "the data folder is broken: \(location.data) is \(what), not of Postgres \(Self.version)."
                )
            }
            return
        }
        let draft = location.data + ".new"
        let command = [
            "\(Self.binaries)/initdb", "--pgdata", draft, "--username=postgres", "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8", "--data-checksums",
        ]
        let (ending, output): (ChildProcess.Ending, String)
        do throws(SystemError) {
            _ = try ChildProcess.run(ServiceAccount.command(["/bin/rm", "-rf", draft], as: account))
            (ending, output) = try ChildProcess.run(ServiceAccount.command(command, as: account))
        } catch {
            throw Failure(.system, "initdb cannot be started: \(error).")
        }
        guard ending == .exited(0), rename(draft, location.data) == 0 else {
            let reason = output.split(separator: "\n").last { $0.contains("error:") } ?? "it ended without a reason"
            throw Failure(.cannotWrite, "Postgres cannot create its files in \(location.root): \(reason)")
        }
    }

    /// A Postgres of this folder that is already there: one that is ready is used, one that is stopping is waited for.
    private func adopt() throws(Failure) -> RunningCluster.Process? {
        let deadline = Deadline(after: .seconds(30))
        let answer: RunningCluster.Process?? = try deadline.poll { () throws(Failure) in
            guard let file = PostmasterFile.read(in: location.data) else { return .some(nil) }
            guard file.isRunning(in: location.data) else {
                // Postgres would take the file seriously if the process id has meanwhile been given to another process.
                unlink(location.data + "/postmaster.pid")
                return .some(nil)
            }
            return file.status == .ready ? .some(.adopted(file.process)) : nil
        }
        guard let answer else {
            if Signals.isStopPending { return nil }
            throw Failure(.busy, "a Postgres of \(location.data) neither stops nor starts.")
        }
        return answer
    }

    private func launch() throws(Failure) -> RunningCluster.Process? {
        let deadline = Deadline(after: .seconds(60))
        while !Signals.isStopPending {
            let child = try spawn()
            let ending: ChildProcess.Ending?? = try deadline.poll { () throws(Failure) in
                if let ending = child.poll() { return .some(ending) }
                let file = PostmasterFile.read(in: location.data)
                return file?.process == child.id && file?.status == .ready ? .some(nil) : nil
            }
            switch ending {
            case .some(nil): return .child(child)
            case .some(.some): break
            case nil:
                kill(child.id, SIGINT)
                _ = child.wait()
                if Signals.isStopPending { return nil }
                throw Failure(.databaseUnavailable, "Postgres was not ready after 60 s (log: \(location.log)).")
            }
            let reason = lastComplaint()
            // Servers of a Postgres that was killed take a moment to notice; everything else will not get better.
            guard reason.contains("still in use"), !deadline.hasPassed else {
                throw Failure(
                    .brokenData,
                    "the data folder is broken: Postgres does not start: \(reason) (log: \(location.log))"
                )
            }
            usleep(100_000)
        }
        return nil
    }

    private func spawn() throws(Failure) -> ChildProcess {
        let log = open(location.log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw Failure(.cannotWrite, "\(location.log) cannot be written.") }
        defer { close(log) }
        let command = [
            "\(Self.binaries)/postgres", "-D", location.data, "-p", "5432", "-k", location.socket,
            "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "logging_collector=off",
            "-c", "max_connections=\(max(100, connections + 20))",
        ]
        do {
            return try ChildProcess(ServiceAccount.command(command, as: account, diesWithUs: true), output: log)
        } catch {
            throw Failure(.system, "Postgres cannot be started: \(error).")
        }
    }

    private func createDatabase() throws(Failure) {
        let found = try query("SELECT 1 FROM pg_database WHERE datname = 'signalbox'")
        if found.isEmpty { _ = try query("CREATE DATABASE signalbox") }
    }

    private func query(_ statement: String) throws(Failure) -> String {
        let command = [
            "\(Self.binaries)/psql", "-X", "-A", "-t", "-q", "-w", "-h", location.socket, "-p", "5432", "-U",
            "postgres",
            "-d", "postgres", "-c", statement,
        ]
        let (ending, output): (ChildProcess.Ending, String)
        do throws(SystemError) {
            (ending, output) = try ChildProcess.run(ServiceAccount.command(command, as: account))
        } catch {
            throw Failure(.system, "psql cannot be started: \(error).")
        }
        let text = output.split(separator: "\n").joined(separator: " ")
        guard ending == .exited(0) else { throw Failure(.databaseUnavailable, "the private Postgres refuses: \(text)") }
        return text
    }

    private func lastComplaint() -> String {
        let lines = TextFile.lines(location.log)
        let complaint = lines.last { line in ["FATAL:", "PANIC:", "could not"].contains { line.contains($0) } }
        return complaint ?? lines.last ?? "it left no message"
    }
}
