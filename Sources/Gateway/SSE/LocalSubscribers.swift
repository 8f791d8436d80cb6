import Streams

/// Something that follows a stream on behalf of an HTTP request.
protocol LocalSubscriber: StreamSubscriber {
    /// The server goes down.
    func drain()
    /// How the databases are.
    func tell(_ report: ServiceReport)
}

extension LocalSubscriber {
    /// Whoever gives one answer says it there.
    func tell(_ report: ServiceReport) {}
}

/// What follows streams on one loop without a WebSocket, by number, so that a task can name one.
final class LocalSubscribers {
    private var subscribers: [UInt64: any LocalSubscriber] = [:]
    private var lastNumber: UInt64 = 0

    func add(_ subscriber: any LocalSubscriber) -> UInt64 {
        lastNumber += 1
        subscribers[lastNumber] = subscriber
        return lastNumber
    }

    func remove(_ number: UInt64) { subscribers[number] = nil }

    subscript(number: UInt64) -> (any LocalSubscriber)? { subscribers[number] }

    func tell(_ report: ServiceReport) {
        for subscriber in subscribers.values { subscriber.tell(report) }
    }

    func drain() {
        for subscriber in subscribers.values { subscriber.drain() }
    }
}
