import Glibc

/// The unprivileged account that Postgres runs as when we are root, because it refuses to run as root.
struct ServiceAccount: Equatable {
    let user: uid_t
    let group: gid_t

    private static let name = "postgres"
    private static let setpriv = "/usr/bin/setpriv"

    /// The account to use; nil when we are not root and Postgres runs as ourselves.
    static func needed() throws(Failure) -> ServiceAccount? {
        guard geteuid() == 0 else { return nil }
        guard let entry = getpwnam(name) else {
            throw Failure(.noUser, "the user \(name) is missing; it comes with: apt-get install postgresql-common")
        }
        guard access(setpriv, X_OK) == 0 else {
            throw Failure(.missingPackage, "\(setpriv) is missing; it comes with: apt-get install util-linux")
        }
        return ServiceAccount(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
    }

    /// A command as it must be started to run under `account`.
    ///
    /// - Parameter diesWithUs: the kernel sends the program SIGINT (Postgres's fast shutdown) when this process ends, even
    ///   by SIGKILL. It watches the *thread* that started it: call from the main thread.
    static func command(_ command: [String], as account: ServiceAccount?, diesWithUs: Bool = false) -> [String] {
        var options: [String] = []
        if let account { options += ["--reuid=\(account.user)", "--regid=\(account.group)", "--clear-groups"] }
        if diesWithUs { options += ["--pdeathsig", "INT"] }
        guard !options.isEmpty, access(setpriv, X_OK) == 0 else { return command }
        return [setpriv] + options + ["--"] + command
    }
}
