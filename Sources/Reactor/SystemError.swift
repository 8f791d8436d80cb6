// Reactor: one thread, one epoll, one set of descriptors per core.
//
// What it is for: telling non-blocking descriptors when they may read or write, running timers, carrying bytes over
// sockets, and running async code on the very thread that owns them. It must never know a protocol, a tenant or a flow.
// Start with `Worker` (the actor whose executor is the loop's thread), then `EventLoop`, then `SocketStream`.

public import Glibc

/// A system call that failed, with the call's name and its `errno`.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The call, as its manual page names it: `bind`, `epoll_ctl`.
    public let call: String
    /// The value of `errno`.
    public let code: Int32

    /// Describes a failure of `call`; by default with the calling thread's `errno`.
    public init(_ call: String, code: Int32 = errno) {
        self.call = call
        self.code = code
    }

    /// The address is taken by another socket.
    public var isAddressInUse: Bool { code == EADDRINUSE }

    /// The call's name and the system's words for the error.
    public var description: String { "\(call): \(String(cString: strerror(code)))" }
}
