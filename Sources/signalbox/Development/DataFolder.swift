import Foundation
import Glibc

/// The folder of `signalbox dev`: it belongs to one process at a time.
struct DataFolder: ~Copyable {
    /// Absolute, without symbolic links.
    let path: String
    private let lock: Int32

    /// Creates the folder when it is missing and takes hold of it; the kernel lets go of it when the process ends,
    /// however it ends.
    /// - Throws: ``Failure`` when it is not a folder, cannot be written or is held by another process.
    init(_ name: String) throws(Failure) {
        try Self.create(name)
        guard let resolved = realpath(name, nil) else {
            throw Failure(.cannotWrite, "the data folder \(name) cannot be opened: \(Self.reason(errno)).")
        }
        let path = String(cString: resolved)
        free(resolved)
        let lock = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw Failure(.cannotWrite, "the data folder \(path) cannot be written: \(Self.reason(errno)).")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let holder = (try? String(contentsOfFile: path + "/lock", encoding: .utf8)) ?? ""
            close(lock)
            let process = holder.isEmpty ? "another signalbox" : "another signalbox (process \(holder))"
            throw Failure(.busy, "the data folder \(path) is in use by \(process).")
        }
        let mark = Array(String(getpid()).utf8)
        ftruncate(lock, 0)
        pwrite(lock, mark, mark.count, 0)
        self.path = path
        self.lock = lock
    }

    deinit { close(lock) }

    /// The path of a file in the folder.
    func file(_ name: String) -> String { path + "/" + name }

    /// What a file holds, nil when it does not exist.
    func read(_ name: String) throws(Failure) -> Data? {
        guard access(file(name), F_OK) == 0 else { return nil }
        do {
            return try Data(contentsOf: URL(filePath: file(name)))
        } catch {
            throw Failure(.brokenData, "\(file(name)) cannot be read.")
        }
    }

    /// Replaces a file in one step; only its owner can read it.
    func write(_ bytes: Data, to name: String) throws(Failure) {
        let draft = file(name) + ".new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(.cannotWrite, "\(draft) cannot be written: \(Self.reason(errno)).") }
        defer { close(descriptor) }
        let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count, fsync(descriptor) == 0, rename(draft, file(name)) == 0 else {
            throw Failure(.cannotWrite, "\(file(name)) cannot be written: \(Self.reason(errno)).")
        }
    }

    /// The text kept in a file; made and kept when there is none.
    func text(_ name: String, orKeep make: () -> String) throws(Failure) -> String {
        if let kept = try read(name) {
            return String(decoding: kept, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let text = make()
        try write(Data((text + "\n").utf8), to: name)
        return text
    }

    /// Makes a folder and those above it.
    private static func create(_ name: String) throws(Failure) {
        var ancestors = [name]
        while let above = ancestors.last.map({ ($0 as NSString).deletingLastPathComponent }), !above.isEmpty,
            above != "/"
        {
            ancestors.append(above)
        }
        for path in ancestors.reversed() where mkdir(path, 0o755) != 0 && errno != EEXIST {
            throw Failure(.cannotWrite, "the data folder \(name) cannot be created: \(reason(errno)).")
        }
        var status = stat()
        guard stat(name, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw Failure(.brokenData, "the data folder \(name) is a file, not a folder.")
        }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
