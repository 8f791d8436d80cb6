// Locking: `Mutex` and `Atomic` from the standard library, in a form that ThreadSanitizer understands.
//
// The library's mutex is a futex in a module that is not instrumented, so the sanitizer sees its critical sections as
// races. Built with THREAD_SANITIZER (scripts/sanitize), a POSIX mutex stands in its place.

@_exported public import Synchronization

#if THREAD_SANITIZER
import Glibc

/// A POSIX mutex with the interface of `Synchronization.Mutex`, which it shadows.
public struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    /// Creates a mutex around a value.
    public init(_ value: consuming sending Value) {
        lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        self.value = .allocate(capacity: 1)
        self.value.initialize(to: value)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    /// Calls `body` with the value while nobody else has it.
    public borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value.pointee)
    }
}
#endif
