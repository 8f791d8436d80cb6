/// Something that puts off a part of its work so that others have their turn.
public protocol Resumable: AnyObject {
    /// Goes on with what was put off, see ``EventLoop/resumeLater(_:)``. It may be over by now.
    func resume()
}

/// Those who wait to go on, first come, first served.
struct ResumeQueue {
    private var targets: [(any Resumable)?] = []
    private var head = 0

    var count: Int { targets.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ target: any Resumable) { targets.append(target) }

    /// O(1), amortised.
    mutating func popFirst() -> (any Resumable)? {
        guard head < targets.count else { return nil }
        let target = targets[head].take()
        head += 1
        if head * 2 > targets.count {
            targets.removeFirst(head)
            head = 0
        }
        return target
    }

    mutating func removeAll() { self = ResumeQueue() }
}
