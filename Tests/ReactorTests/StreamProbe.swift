@testable import Reactor

/// What a stream told its delegate.
enum StreamEvent: Equatable {
    case received([UInt8])
    case reachedEnd
    case drained
    case closed(Int32?)
}

/// A delegate that keeps a journal and can act inside its callbacks.
final class StreamProbe: StreamDelegate {
    private let journal: Journal<StreamEvent>
    var onReceive: () -> Void = {}
    var onDrain: () -> Void = {}

    init(_ journal: Journal<StreamEvent>) { self.journal = journal }

    func streamReceived(_ bytes: UnsafeMutableRawBufferPointer) {
        journal.add(.received(Array(bytes)))
        onReceive()
    }

    func streamReachedEnd() { journal.add(.reachedEnd) }

    func streamDrained() {
        journal.add(.drained)
        onDrain()
    }

    func streamClosed(_ error: SystemError?) { journal.add(.closed(error?.code)) }
}

extension [StreamEvent] {
    var receivedBytes: [UInt8] { flatMap { if case .received(let bytes) = $0 { bytes } else { [UInt8]() } } }

    var isClosed: Bool { contains { if case .closed = $0 { true } else { false } } }
}

extension Worker {
    /// Puts a stream on `descriptor` that reports to `journal`, and prepares it before anything can happen.
    func stream(
        _ descriptor: Int32,
        _ journal: Journal<StreamEvent>,
        _ prepare: @Sendable (SocketStream, StreamProbe, EventLoop) -> Void = { _, _, _ in }
    ) throws -> ChannelID? {
        let probe = StreamProbe(journal)
        let stream = try SocketStream(descriptor: descriptor, on: loop, delegate: probe)
        prepare(stream, probe, loop)
        return stream.id
    }

    /// Calls `body` with the stream, if it is still there.
    func withStream(_ id: ChannelID?, _ body: @Sendable (SocketStream) -> Void) {
        if let id, let stream = loop.handler(for: id) as? SocketStream { body(stream) }
    }
}
