import Glibc

/// The signals of the process. All of them are blocked everywhere and taken synchronously by the main thread, so that
/// nothing ever runs inside a signal handler, except the last resort at the end.
enum Signals {
    /// Another thread has left word for the main thread.
    static let news = SIGUSR1

    /// To be called on the main thread before any other thread exists: threads inherit the mask.
    static func prepare() {
        // A peer that closes its socket must not end the process.
        signal(SIGPIPE, SIG_IGN)
        var set = waited
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Blocks until one of the signals arrives.
    static func wait() -> Int32 {
        var set = waited
        var signal: Int32 = 0
        while sigwait(&set, &signal) != 0 {}
        return signal
    }

    /// Wakes the main thread from any other.
    static func tellMainThread() { kill(getpid(), news) }

    /// Whether the end of the process has been asked for and not yet been taken by ``wait()``.
    static var isStopPending: Bool {
        var pending = sigset_t()
        sigpending(&pending)
        return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1
    }

    /// From now on a second Ctrl-C ends the process at once, and the end of so many seconds ends it in any case.
    static func beginStop(within seconds: Int) {
        signal(SIGALRM) { _ in
            let text: StaticString = "signalbox: did not stop in time; ended by force.\n"
            write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
            _exit(Failure.Code.software.rawValue)
        }
        alarm(UInt32(clamping: seconds))
        signal(SIGINT, SIG_DFL)
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    private static var waited: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGTERM, SIGINT, SIGHUP, SIGCHLD, news] { sigaddset(&set, signal) }
        return set
    }
}
