/// The sizes, times and numbers that an operator can set beyond the most important ones, with their defaults.
struct LimitSettings: Sendable {
    var connectionsPerAddress = 256
    /// Addresses and CIDR blocks.
    var unlimitedAddresses = ["127.0.0.0/8", "::1"]
    /// Bytes.
    var requestLine = 8 << 10
    /// Bytes.
    var headers = 32 << 10
    var headerCount = 100
    /// Seconds.
    var bodyTimeout = 30
    /// Bytes per second.
    var bodyRate = 256
    /// Seconds.
    var stallTimeout = 30
    /// Bytes.
    var writeBudget = 1 << 20
    /// Seconds.
    var pingInterval = 25
    /// Seconds.
    var pongTimeout = 8
    /// Seconds.
    var closeTimeout = 5
    /// Seconds.
    var helloTimeout = 5
    /// Bytes.
    var frame = 1 << 20
    /// Bytes.
    var message = 1 << 20
    var fragments = 1024
    var framesPerSecond = 5000
    var messagesPerSecond = 500
    var messageBurst = 1000
    var commands = 32
    var subscriptions = 100
    /// Seconds.
    var drainTimeout = 3
    /// Bytes.
    var compressed = 1024
    /// Bytes.
    var inflating = 64 << 20
    /// Bytes.
    var compressionContexts = 64 << 20
}
