import CHiredis

/// Makes replies of bytes, however they are cut: hiredis's reader, with limits of our own.
///
/// By itself that reader keeps what never ends, and makes room for as many elements as a peer announces. So what has come of
/// an unfinished reply is counted here, and the elements where they are made.
final class ReplyReader {
    /// Elements of one reply, all levels together.
    private static let maximumElements = 4096

    private let native: UnsafeMutablePointer<redisReader>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let tally = ElementTally(limit: maximumElements)
    private let limit: Int
    /// Bytes fed since the last complete reply ended.
    private var unfinished = 0

    /// - Parameter limit: bytes of the largest reply.
    init(limit: Int) throws(RedisError) {
        functions = .allocate(capacity: 1)
        functions.initialize(to: makeReplyFunctions())
        guard let native = redisReaderCreateWithFunctions(functions) else {
            functions.deallocate()
            throw .notReachable("out of memory")
        }
        self.native = native
        self.limit = limit
        native.pointee.privdata = Unmanaged.passUnretained(tally).toOpaque()
    }

    deinit {
        redisReaderFree(native)
        functions.deallocate()
    }

    /// Takes what came; ``next()`` gives what is complete.
    func feed(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        unfinished += bytes.count
        redisReaderFeed(native, base.assumingMemoryBound(to: CChar.self), bytes.count)
    }

    /// The next complete reply; nil when there is none yet.
    /// - Throws: ``RedisError/protocolViolation(_:)`` and ``RedisError/replyTooLarge(limit:)``; nothing can be read after that.
    func next() throws(RedisError) -> RedisReply? {
        var found: UnsafeMutableRawPointer?
        guard redisReaderGetReply(native, &found) == REDIS_OK else {
            if tally.isExceeded { throw .replyTooLarge(limit: limit) }
            throw .protocolViolation(complaint)
        }
        guard let found else {
            guard unfinished <= limit else { throw .replyTooLarge(limit: limit) }
            return nil
        }
        unfinished = native.pointee.len - native.pointee.pos
        tally.count = 0
        return Unmanaged<ReplyNode>.fromOpaque(found).takeRetainedValue().reply
    }

    private var complaint: String {
        withUnsafeBytes(of: &native.pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

/// Elements of the reply that is being read.
private final class ElementTally {
    let limit: Int
    var count = 0

    init(limit: Int) { self.limit = limit }

    var isExceeded: Bool { count > limit }
}

/// One element of a reply that is being read. The root belongs to hiredis until the reply is complete, the others to their
/// parents.
private final class ReplyNode {
    private let value: RedisReply
    private var children: [ReplyNode] = []

    init(_ value: RedisReply) { self.value = value }

    var reply: RedisReply {
        if case .array = value { return .array(children.map(\.reply)) }
        return value
    }

    /// Puts a value where its task says. NULL, which ends the reading, when there are too many.
    static func make(
        _ value: RedisReply,
        for task: UnsafePointer<redisReadTask>,
        announcing elements: Int = 0
    ) -> UnsafeMutableRawPointer? {
        guard let tally = task.pointee.privdata.map({ Unmanaged<ElementTally>.fromOpaque($0).takeUnretainedValue() })
        else { return nil }
        tally.count += 1
        guard tally.count + elements <= tally.limit else {
            tally.count = tally.limit + 1
            return nil
        }
        let node = ReplyNode(value)
        guard let parent = task.pointee.parent?.pointee.obj else { return Unmanaged.passRetained(node).toOpaque() }
        Unmanaged<ReplyNode>.fromOpaque(parent).takeUnretainedValue().children.append(node)
        return Unmanaged.passUnretained(node).toOpaque()
    }
}

private func makeReplyFunctions() -> redisReplyObjectFunctions {
    redisReplyObjectFunctions(
        createString: { task, text, count in
            guard let task else { return nil }
            let bytes = UnsafeRawBufferPointer(start: text, count: count)
            return switch task.pointee.type {
            case REDIS_REPLY_STATUS: ReplyNode.make(.status(String(decoding: bytes, as: UTF8.self)), for: task)
            case REDIS_REPLY_ERROR: ReplyNode.make(.error(String(decoding: bytes, as: UTF8.self)), for: task)
            default: ReplyNode.make(.bytes(Array(bytes)), for: task)
            }
        },
        createArray: { task, count in
            task.flatMap { ReplyNode.make(.array([]), for: $0, announcing: Int(count)) }
        },
        createInteger: { task, value in task.flatMap { ReplyNode.make(.integer(value), for: $0) } },
        createNil: { task in task.flatMap { ReplyNode.make(.null, for: $0) } },
        freeObject: { object in object.map { Unmanaged<ReplyNode>.fromOpaque($0).release() } }
    )
}
