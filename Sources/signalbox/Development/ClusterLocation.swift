import Foundation
import Glibc

/// Where the private Postgres keeps its files.
struct ClusterLocation: Equatable {
    /// Belongs to the account that Postgres runs as; nobody else can enter.
    let root: String
    /// The folder of the Unix socket.
    let socket: String

    var data: String { root + "/data" }
    var log: String { root + "/postgres.log" }

    /// The name of libpq and Postgres for the socket in its folder; `sun_path` holds 107 bytes and a zero.
    private static let socketName = "/.s.PGSQL.5432"
    private static let longestSocketPath = 107
    /// Holds the path of a cluster that lives elsewhere.
    private static let record = "cluster-path"
    private static let fallback = "/var/lib/signalbox-dev"

    /// The database's address. The name of the database is fixed.
    var databaseURL: String {
        let host = String(
            socket.utf8.flatMap { byte -> [Character] in
                let character = Character(UnicodeScalar(byte))
                if character.isASCII, character.isLetter || character.isNumber || "-._~".contains(character) {
                    return [character]
                }
                let digits = String(byte, radix: 16, uppercase: true)
                return Array("%" + String(repeating: "0", count: 2 - digits.count) + digits)
            }
        )
        return "postgresql://postgres@/signalbox?host=\(host)"
    }

    init(root: String) {
        self.root = root
        let inside = root + "/socket"
        let fits = inside.utf8.count + Self.socketName.utf8.count <= Self.longestSocketPath
        socket = fits ? inside : "/tmp/signalbox-\(Self.digest(root))"
    }

    /// Finds or creates the folders for the cluster of a data folder.
    ///
    /// Root's data folder may lie where the `postgres` user cannot reach it (`/root`); then the cluster is kept in
    /// `/var/lib/signalbox-dev`, and the data folder records where.
    static func prepare(in folder: borrowing DataFolder, account: ServiceAccount?) throws(Failure) -> ClusterLocation {
        if let recorded = try folder.read(record) {
            let path = String(decoding: recorded, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            return try ClusterLocation(root: path).created(for: account)
        }
        let inside = try ClusterLocation(root: folder.file("postgres")).created(for: account)
        if try inside.isReachable(by: account) { return inside }
        rmdir(inside.socket)
        rmdir(inside.root)
        do {
            try FileManager.default.createDirectory(atPath: fallback, withIntermediateDirectories: true)
        } catch {
            throw Failure(
                .cannotWrite,
                "\(fallback) cannot be created, and the user postgres cannot reach \(folder.path)."
            )
        }
        let elsewhere = ClusterLocation(root: "\(fallback)/\(RandomText.make(12))")
        Console.warn(
            "note: the user postgres cannot reach \(folder.path), so the database is kept in \(elsewhere.root)."
        )
        try folder.write(Data((elsewhere.root + "\n").utf8), to: record)
        return try elsewhere.created(for: account)
    }

    private func created(for account: ServiceAccount?) throws(Failure) -> ClusterLocation {
        for path in [root, socket] {
            if mkdir(path, 0o700) != 0 && errno != EEXIST {
                throw Failure(.cannotWrite, "\(path) cannot be created: \(String(cString: strerror(errno))).")
            }
            var status = stat()
            // Not through a symbolic link: the folder under /tmp could be somebody else's trap.
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                throw Failure(.brokenData, "\(path) must be a folder.")
            }
            if let account { chown(path, account.user, account.group) }
            guard lstat(path, &status) == 0, status.st_uid == account?.user ?? geteuid(), chmod(path, 0o700) == 0 else {
                throw Failure(.brokenData, "\(path) belongs to another user.")
            }
        }
        return self
    }

    private func isReachable(by account: ServiceAccount?) throws(Failure) -> Bool {
        guard let account else { return true }
        do {
            return try ChildProcess.run(ServiceAccount.command(["/usr/bin/test", "-w", root], as: account)).ending
                == .exited(0)
        } catch {
            throw Failure(.system, "a program cannot be started: \(error).")
        }
    }

    /// FNV-1a, because the name must be the same in every run and `Hasher` is seeded.
    private static func digest(_ text: String) -> String {
        let hash = text.utf8.reduce(into: 0xCBF2_9CE4_8422_2325 as UInt64) { hash, byte in
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        return String(hash, radix: 16)
    }
}
