/// The limits that few will want to change; each names itself when it is reached.
extension Setting {
    static let connectionsPerAddress = Setting(
        "max_connections_per_address",
        .integer(\.limits.connectionsPerAddress, 0...1_000_000),
        "Open connections of one IPv4 address or IPv6 /64, over all workers; 0 means any number."
    )
    static let unlimitedAddresses = Setting(
        "unlimited_addresses",
        .addressRanges(\.limits.unlimitedAddresses),
        "Where max_connections_per_address does not hold: proxies and load balancers, which speak for many."
    )
    static let maximumRequestLine = Setting(
        "max_request_line_bytes",
        .size(\.limits.requestLine, 1024...64 << 10),
        "The longest request line."
    )
    static let maximumHeaders = Setting(
        "max_header_bytes",
        .size(\.limits.headers, 1024...1 << 20),
        "All header fields of a request together."
    )
    static let maximumHeaderCount = Setting(
        "max_header_count",
        .integer(\.limits.headerCount, 10...1000),
        "Header fields of a request."
    )
    static let bodyTimeout = Setting(
        "body_timeout",
        .duration(\.limits.bodyTimeout, 1...3600),
        "How long nothing of a request's body may arrive."
    )
    static let minimumBodyRate = Setting(
        "min_body_rate",
        .integer(\.limits.bodyRate, 0...1 << 30),
        "Bytes per second at which a body must arrive, averaged over body_timeout; 0 means any rate."
    )
    static let stallTimeout = Setting(
        "stall_timeout",
        .duration(\.limits.stallTimeout, 1...3600),
        "How long a client may take nothing of what waits for it."
    )
    static let writeBudget = Setting(
        "write_budget",
        .size(\.limits.writeBudget, 64 << 10...1 << 30),
        "Bytes that may wait for one client before its sources pause."
    )
    static let pingInterval = Setting(
        "ping_interval",
        .duration(\.limits.pingInterval, 1...3600),
        "Between two pings on a WebSocket."
    )
    static let pongTimeout = Setting(
        "pong_timeout",
        .duration(\.limits.pongTimeout, 1...300),
        "How long the answer to a ping may take."
    )
    static let closeTimeout = Setting(
        "close_timeout",
        .duration(\.limits.closeTimeout, 1...300),
        "How long the closing handshake of a WebSocket may take."
    )
    static let helloTimeout = Setting(
        "hello_timeout",
        .duration(\.limits.helloTimeout, 1...300),
        "How long a WebSocket may take to say hello."
    )
    static let maximumFrame = Setting(
        "max_frame_bytes",
        .size(\.limits.frame, 1024...64 << 20),
        "The largest frame a WebSocket client may send."
    )
    static let maximumMessage = Setting(
        "max_message_bytes",
        .size(\.limits.message, 1024...64 << 20),
        "The largest message a WebSocket client may send, uncompressed."
    )
    static let maximumFragments = Setting(
        "max_fragments",
        .integer(\.limits.fragments, 1...1_000_000),
        "Frames of one message."
    )
    static let maximumFramesPerSecond = Setting(
        "max_frames_per_second",
        .integer(\.limits.framesPerSecond, 0...1_000_000),
        "Frames of one WebSocket per second, pings included; 0 means any number."
    )
    static let messagesPerSecond = Setting(
        "messages_per_second",
        .integer(\.limits.messagesPerSecond, 1...1_000_000),
        "Messages of one WebSocket per second, on average."
    )
    static let messageBurst = Setting(
        "message_burst",
        .integer(\.limits.messageBurst, 1...1_000_000),
        "Messages of one WebSocket at once."
    )
    static let maximumCommands = Setting(
        "max_commands",
        .integer(\.limits.commands, 1...10_000),
        "Commands of one WebSocket that are carried out at once."
    )
    static let maximumSubscriptions = Setting(
        "max_subscriptions",
        .integer(\.limits.subscriptions, 1...100_000),
        "Subscriptions of one WebSocket."
    )
    static let drainTimeout = Setting(
        "drain_timeout",
        .duration(\.limits.drainTimeout, 0...3600),
        "How long requests and sessions may take to end when the server is stopped."
    )
    static let minimumCompressed = Setting(
        "min_compressed_bytes",
        .size(\.limits.compressed, 0...1 << 30),
        "The smallest answer of the API that is compressed for clients that accept it."
    )

    static let maximumInflating = Setting(
        "max_inflating_bytes",
        .size(\.limits.inflating, 1 << 20...64 << 30),
        "Memory that compressed messages of WebSockets which have begun and not ended may hold on each loop."
    )
    static let maximumCompressionContexts = Setting(
        "max_compression_context_bytes",
        .size(\.limits.compressionContexts, 0...64 << 30),
        "Memory for what compression remembers on each loop; beyond it, new WebSockets are compressed without."
    )

    /// In the order in which they are shown.
    static let limits: [Setting] = [
        connectionsPerAddress, unlimitedAddresses, maximumRequestLine, maximumHeaders, maximumHeaderCount, bodyTimeout,
        minimumBodyRate, stallTimeout, writeBudget, pingInterval, pongTimeout, closeTimeout, helloTimeout, maximumFrame,
        maximumMessage, maximumFragments, maximumFramesPerSecond, messagesPerSecond, messageBurst, maximumCommands,
        maximumSubscriptions, drainTimeout, minimumCompressed, maximumInflating, maximumCompressionContexts,
    ]
}
