import CLinux
import Glibc

/// What a descriptor wants to hear about.
public struct Interest: OptionSet, Sendable {
    /// The raw bits.
    public let rawValue: UInt8
    /// Creates a set from raw bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Bytes (or connections) can be read.
    public static let read = Interest(rawValue: 1)
    /// The kernel takes bytes again.
    public static let write = Interest(rawValue: 2)
    /// Only one of the loops that share the descriptor is woken. Fixed at registration.
    public static let exclusive = Interest(rawValue: 4)

    var events: UInt32 {
        var events: UInt32 = 0
        if contains(.read) { events |= EPOLLIN.rawValue | EPOLLRDHUP.rawValue }
        if contains(.write) { events |= EPOLLOUT.rawValue }
        if contains(.exclusive) { events = EPOLLIN.rawValue | EPOLLEXCLUSIVE.rawValue }
        return events
    }
}

/// What the kernel reports for a descriptor.
public struct Readiness: OptionSet, Sendable {
    /// The raw bits.
    public let rawValue: UInt8
    /// Creates a set from raw bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Reading will not block; it may find the end of the stream.
    public static let readable = Readiness(rawValue: 1)
    /// Writing will not block.
    public static let writable = Readiness(rawValue: 2)
    /// The descriptor failed or both ends are closed.
    public static let failed = Readiness(rawValue: 4)

    init(events: UInt32) {
        var set: Readiness = []
        if events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 { set.insert(.readable) }
        if events & EPOLLOUT.rawValue != 0 { set.insert(.writable) }
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { set.insert(.failed) }
        self = set
    }
}

/// A registration on one loop: the descriptor and a generation, so that a stale event or a late message never reaches a
/// descriptor's next owner.
public struct ChannelID: Hashable, Sendable {
    let descriptor: Int32
    let generation: UInt32

    var packed: UInt64 { UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor)) }
}

/// Something that collects output during a turn.
public protocol FlushTarget: AnyObject {
    /// The turn ends: send what was queued, see ``EventLoop/flushLater(_:)``.
    func flush()
}

/// Something that owns a descriptor on a loop.
public protocol ChannelHandler: FlushTarget {
    /// The kernel has news. Called on the loop; the handler may close itself or others.
    func channelReady(_ readiness: Readiness)
    /// A time given to ``EventLoop/wake(_:at:)`` has come.
    func channelDue()
    /// The loop ends: give back the descriptor.
    func channelTornDown()
}

extension ChannelHandler {
    /// Nothing is ever queued by default.
    public func flush() {}
    /// No time is ever given by default.
    public func channelDue() {}
}
