import CLinux
import Glibc

/// The file of a listening Unix socket: ours as long as nobody has put another one in its place.
struct SocketFile: Sendable {
    let path: String
    private let device: dev_t
    private let inode: ino_t

    /// - Returns: nil when there is no socket at `path`.
    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        self.path = path
        device = status.st_dev
        inode = status.st_ino
    }

    /// Takes the file away, provided that it is still the same one.
    func remove() {
        guard let present = SocketFile(path), present.device == device, present.inode == inode else { return }
        unlink(path)
    }

    /// Whether it is left from a process that has ended: nobody listens behind it.
    var isStale: Bool {
        guard let address = SocketAddress(unixPath: path) else { return false }
        let probe = clinux_stream_socket(AF_UNIX)
        guard probe >= 0 else { return false }
        defer { close(probe) }
        // A full backlog (EAGAIN) is a living listener, too.
        return address.withSockaddr { connect(probe, $0, $1) } != 0 && errno == ECONNREFUSED
    }
}

/// Holds a folder for the time of one call, so that two processes of ours cannot find the same stale file and each take
/// the other's socket away.
struct FolderLock: ~Copyable {
    private let descriptor: Int32

    /// Waits until the folder of `path` is free, for a second at most: whoever holds it longer is not one of ours, and must
    /// not keep us from starting. A folder that cannot be opened is not locked; the call that follows will say what is
    /// wrong with it.
    init(ofFile path: String) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        var attempts = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0, attempts < 100 {
            usleep(10_000)
            attempts += 1
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
