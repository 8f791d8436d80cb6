public import Reactor
public import WebSocket

/// A name that any number of channels listen to, on all loops of the process.
///
/// What is published during one turn of a loop reaches each of the loop's subscribers in one system call at the end of the
/// turn; other loops are woken once for all of it. Each subscriber sees all messages of one publisher in their order.
///
/// Nothing is lost, and nobody is waited for: a subscriber whose queue has grown over the write budget is told to try
/// again later (close code 1013), since waiting for it would hold up everybody else. A publisher is not read from while
/// another loop is behind with what was published.
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
        let topic = LocalTopic(self, home: worker, loop: worker.loop, others: workers.filter { $0 !== worker })
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
    /// Subscribers that get the same bytes.
    private struct Form {
        /// The window of their compression; nil for plain frames. Nothing else shows in the bytes.
        let windowBits: Int?
        var subscribers: [WebSocketChannel] = []

        func bytes(of messages: [OutgoingMessage]) -> [UInt8] {
            let deflate = subscribers.first?.deflate
            if messages.count == 1 { return messages[0].frame(for: deflate) }
            var joined: [UInt8] = []
            for message in messages { joined += message.frame(for: deflate) }
            return joined
        }
    }

    private let topic: WebSocketTopic
    private let home: Worker
    private let loop: EventLoop
    private let others: [Worker]
    private var forms: [Form] = []
    /// What goes out at the end of this turn.
    private var gathered: [OutgoingMessage] = []
    /// Those that came from this loop, of which the others have to hear.
    private var published: [OutgoingMessage] = []
    private var isFlushScheduled = false
    let flight = TopicFlight()
    /// Publishers that wait for the other loops.
    private(set) var held: [WebSocketChannel] = []

    init(_ topic: WebSocketTopic, home: Worker, loop: EventLoop, others: [Worker]) {
        self.topic = topic
        self.home = home
        self.loop = loop
        self.others = others
    }

    /// The number of subscribers on this loop.
    public var subscriberCount: Int { forms.reduce(0) { $0 + $1.subscribers.count } }

    /// Has `channel` get what is published from now on. A channel listens to one topic at most; it leaves when it closes.
    public func join(_ channel: WebSocketChannel) {
        channel.topic?.leave(channel)
        let form = formIndex(channel)
        channel.topic = self
        channel.topicIndex = forms[form].subscribers.count
        forms[form].subscribers.append(channel)
    }

    /// Ends a subscription. O(1).
    public func leave(_ channel: WebSocketChannel) {
        guard channel.topic === self else { return }
        let form = formIndex(channel)
        guard let last = forms[form].subscribers.popLast() else { return }
        if last !== channel {
            forms[form].subscribers[channel.topicIndex] = last
            last.topicIndex = channel.topicIndex
        }
        channel.topic = nil
        channel.topicIndex = -1
    }

    /// Sends a message to all subscribers on all loops.
    ///
    /// - Parameter publisher: Whose message it is: it is not read from while other loops are behind.
    public func publish(_ message: OutgoingMessage, from publisher: WebSocketChannel? = nil) {
        gathered.append(message)
        flushLater()
        guard !others.isEmpty else { return }
        published.append(message)
        flight.sent(message.payload.count * others.count)
        if let publisher, flight.count > TopicFlight.budget { hold(publisher) }
    }

    private func hold(_ publisher: WebSocketChannel) {
        guard flight.beginWaiting() else { return release() }
        guard !publisher.isHeld else { return }
        publisher.isHeld = true
        held.append(publisher)
    }

    private func release() {
        for publisher in held { publisher.isHeld = false }
        held = []
    }

    /// Sends what was gathered during the turn.
    public func flush() {
        isFlushScheduled = false
        if !published.isEmpty { tellOthers() }
        let messages = gathered
        gathered.removeAll(keepingCapacity: true)
        guard !messages.isEmpty else { return }
        for form in forms.indices where !forms[form].subscribers.isEmpty { send(messages, to: form) }
    }

    private func send(_ messages: [OutgoingMessage], to form: Int) {
        let batch = loop.sendBatch
        batch.begin(forms[form].bytes(of: messages))
        // A copy, because one that has to go leaves its place to another, and may take others along.
        for subscriber in forms[form].subscribers where subscriber.topic === self { subscriber.join(batch) }
        batch.finish()
    }

    private func formIndex(_ channel: WebSocketChannel) -> Int {
        let windowBits = channel.deflate?.parameters.serverMaxWindowBits
        if let index = forms.firstIndex(where: { $0.windowBits == windowBits }) { return index }
        forms.append(Form(windowBits: windowBits))
        return forms.count - 1
    }

    private func tellOthers() {
        let (topic, messages) = (self.topic, published)
        published.removeAll(keepingCapacity: true)
        let (home, flight) = (self.home, self.flight)
        for worker in others {
            worker.post { worker in
                topic.local(worker).gather(messages)
                guard flight.received(messages.reduce(0) { $0 + $1.payload.count }) else { return }
                home.post { topic.local($0).release() }
            }
        }
    }

    private func gather(_ messages: [OutgoingMessage]) {
        gathered += messages
        flushLater()
    }

    private func flushLater() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        loop.flushLater(self)
    }
}
