import Glibc

/// How many descriptors the process may have open (`RLIMIT_NOFILE`).
public enum DescriptorLimit {
    /// The limit in force.
    public static var current: Int { Int(clamping: read().rlim_cur) }

    /// Raises the limit as far as the process may by itself, and returns the one in force then.
    ///
    /// The usual limit of 1,024 is so low only for programs that use select(2), which cannot take higher numbers.
    @discardableResult
    public static func raise() -> Int {
        var limit = read()
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return current
    }

    private static func read() -> rlimit {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return limit
    }
}

/// A descriptor that is kept for the time when there are no others: given up, it lets one more connection be taken, which
/// can then be told so.
final class DescriptorReserve {
    private var descriptor: Int32 = -1

    init() { _ = refill() }

    deinit { release() }

    /// Gives the descriptor up; false when there is none.
    @discardableResult
    func release() -> Bool {
        guard descriptor >= 0 else { return false }
        close(descriptor)
        descriptor = -1
        return true
    }

    /// Keeps a descriptor again; false when there is none to be had.
    @discardableResult
    func refill() -> Bool {
        if descriptor < 0 { descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC) }
        return descriptor >= 0
    }

    /// Whether there are descriptors beside the one that is kept.
    var isSpare: Bool {
        guard refill() else { return false }
        let probe = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard probe >= 0 else { return false }
        close(probe)
        return true
    }
}
