/// The bounds a ``WebSocketConnection`` enforces on what it receives. Sizes are payload bytes.
public struct WebSocketLimits: Sendable, Equatable {
    /// Names one bound, for errors, logs and configuration.
    public enum Name: String, Sendable, Equatable {
        /// ``WebSocketLimits/frameBytes``
        case frameBytes = "max_frame_bytes"
        /// ``WebSocketLimits/messageBytes``
        case messageBytes = "max_message_bytes"
        /// ``WebSocketLimits/fragments``
        case fragments = "max_fragments"
        /// ``DeflatePolicy/inflatingBytes``
        case inflatingBytes = "max_inflating_bytes"
    }

    /// The payload of one frame.
    public var frameBytes: Int
    /// A whole message, after extensions have decoded it.
    public var messageBytes: Int
    /// Frames of one message. Empty fragments cost the sender little and the receiver a header each.
    public var fragments: Int

    /// Creates limits; the defaults suit JSON commands from browsers.
    public init(frameBytes: Int = 1024 * 1024, messageBytes: Int = 1024 * 1024, fragments: Int = 1024) {
        self.frameBytes = frameBytes
        self.messageBytes = messageBytes
        self.fragments = fragments
    }

    /// The limits used when none are given.
    public static let `default` = WebSocketLimits()
}
