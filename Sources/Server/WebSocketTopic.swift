public import Reactor
public import WebSocket

/// A name that any number of channels listen to, on all loops of the process.
///
/// What is published during one turn of a loop reaches each of the loop's subscribers in one system call at the end of the
/// turn; other loops are woken once for all of it. Each subscriber sees all messages of one publisher in their order.
///
/// Nothing is lost, and nobody is waited for: a subscriber whose queue has grown over the write budget is told to try
/// again later (close code 1013), since waiting for it would hold up everybody else.
public final class WebSocketTopic: Sendable {
    private let workers: [Worker]

    /// Creates a topic without subscribers on all `workers`.
    public init(workers: WorkerGroup) {
        self.workers = workers.workers
    }

    /// The part of the topic that belongs to the loop the caller runs on.
    public func local(_ worker: isolated Worker) -> LocalTopic {
        let topics: LocalTopics
        if let attached = worker.attachment(LocalTopics.self) {
            topics = attached
        } else {
            topics = LocalTopics()
            worker.attach(topics)
        }
        if let topic = topics.byName[ObjectIdentifier(self)] { return topic }
        let topic = LocalTopic(self, loop: worker.loop, others: workers.filter { $0 !== worker })
        topics.byName[ObjectIdentifier(self)] = topic
        return topic
    }
}

/// The topics of one loop.
final class LocalTopics {
    var byName: [ObjectIdentifier: LocalTopic] = [:]
}

/// One loop's share of a ``WebSocketTopic``.
public final class LocalTopic: FlushTarget {
    private let topic: WebSocketTopic
    private let loop: EventLoop
    private let others: [Worker]
    private var subscribers: [WebSocketChannel] = []
    /// The frames that go out at the end of this turn.
    private var gathered: [UInt8] = []
    /// Those of them that came from this loop and that the others have to hear of.
    private var published: [UInt8] = []
    private var isFlushScheduled = false

    init(_ topic: WebSocketTopic, loop: EventLoop, others: [Worker]) {
        self.topic = topic
        self.loop = loop
        self.others = others
    }

    /// The number of subscribers on this loop.
    public var subscriberCount: Int { subscribers.count }

    /// Has `channel` get what is published from now on. A channel listens to one topic at most; it leaves when it closes.
    public func join(_ channel: WebSocketChannel) {
        channel.topic?.leave(channel)
        channel.topic = self
        channel.topicIndex = subscribers.count
        subscribers.append(channel)
    }

    /// Ends a subscription. O(1).
    public func leave(_ channel: WebSocketChannel) {
        guard channel.topic === self, let last = subscribers.popLast() else { return }
        if last !== channel {
            subscribers[channel.topicIndex] = last
            last.topicIndex = channel.topicIndex
        }
        channel.topic = nil
        channel.topicIndex = -1
    }

    /// Sends a message to all subscribers on all loops.
    public func publish(_ opcode: Opcode, _ payload: [UInt8]) {
        FrameEncoder.encode(opcode, payload: payload, into: &gathered)
        if !others.isEmpty { FrameEncoder.encode(opcode, payload: payload, into: &published) }
        flushLater()
    }

    /// Sends what was gathered during the turn.
    public func flush() {
        isFlushScheduled = false
        if !published.isEmpty { tellOthers() }
        let frames = gathered
        gathered = []
        guard !frames.isEmpty else { return }
        let batch = loop.sendBatch
        batch.begin(frames)
        // From the end, because one that has to go leaves its place to the last.
        var index = subscribers.count - 1
        while index >= 0 {
            if index < subscribers.count { subscribers[index].join(batch) }
            index -= 1
        }
        batch.finish()
    }

    private func tellOthers() {
        let (topic, frames) = (self.topic, published)
        published = []
        for worker in others { worker.post { topic.local($0).gather(frames) } }
    }

    private func gather(_ frames: [UInt8]) {
        gathered += frames
        flushLater()
    }

    private func flushLater() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        loop.flushLater(self)
    }
}
