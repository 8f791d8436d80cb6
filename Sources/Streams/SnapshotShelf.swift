import Domain
import Locking

/// The documents that were read last, and those that are being read: one reading for all who ask at the same time.
final class SnapshotShelf: Sendable {
    /// What the shelf holds at most, in bytes of JSON text.
    static let maximumBytes = 64 << 20

    private typealias Answer = Result<StreamSnapshot?, any Error>

    private struct Flight {
        let number: UInt64
        var waiting: [CheckedContinuation<Answer?, Never>] = []
    }

    private struct State {
        var ready: [StreamKey: StreamSnapshot] = [:]
        var bytes = 0
        var flights: [StreamKey: Flight] = [:]
        /// Flights that began before the latest commit: they serve those who wait for them, and nobody after.
        var outdated: [UInt64: Flight] = [:]
        var lastNumber: UInt64 = 0

        mutating func remove(_ key: StreamKey) {
            guard let snapshot = ready.removeValue(forKey: key) else { return }
            bytes -= snapshot.byteCount
        }

        mutating func add(_ snapshot: StreamSnapshot, _ key: StreamKey) {
            remove(key)
            while bytes + snapshot.byteCount > SnapshotShelf.maximumBytes, let other = ready.keys.first {
                remove(other)
            }
            ready[key] = snapshot
            bytes += snapshot.byteCount
        }
    }

    private enum Turn {
        case ready(StreamSnapshot)
        case join
        case lead(UInt64)
    }

    private let state = Mutex(State())

    /// A document from which the log goes on: from the shelf, brought up to date where much has changed, or else read.
    /// - Parameter read: reads it; nil when there is no such document.
    func snapshot(
        of key: StreamKey,
        _ log: SharedLog?,
        _ read: @Sendable () async throws -> StreamSnapshot?
    ) async throws -> StreamSnapshot? {
        while true {
            switch turn(key) {
            case .ready(let snapshot):
                if let present = refresh(snapshot, key, log) { return present }
                outdate(key)
            case .join: if let answer = await join(key) { return try answer.get() }
            case .lead(let number): return try await lead(key, number, read).get()
            }
        }
    }

    /// Something happened that the stream's log does not tell: what was read before it is not given to anybody who asks
    /// from now on.
    func outdate(_ key: StreamKey) {
        state.withLock { state in
            state.remove(key)
            if let flight = state.flights.removeValue(forKey: key) { state.outdated[flight.number] = flight }
        }
    }

    /// The same for all streams.
    func outdateAll() {
        let keys = state.withLock { Set($0.ready.keys).union($0.flights.keys) }
        for key in keys { outdate(key) }
    }

    /// The document itself while little has changed since, because its bytes are there already; else the present one. Nil
    /// when the log does not go on from it.
    private func refresh(_ snapshot: StreamSnapshot, _ key: StreamKey, _ log: SharedLog?) -> StreamSnapshot? {
        guard let entries = log?.conflated(after: snapshot.position) else { return nil }
        let missing = entries.reduce(0) { $0 + $1.byteCount }
        if missing <= snapshot.byteCount / 8 { return snapshot }
        guard let present = snapshot.applying(entries) else { return nil }
        state.withLock { state in
            if let stored = state.ready[key], stored.position == snapshot.position { state.add(present, key) }
        }
        return present
    }

    private func turn(_ key: StreamKey) -> Turn {
        state.withLock { state in
            if let snapshot = state.ready[key] { return .ready(snapshot) }
            if state.flights[key] != nil { return .join }
            state.lastNumber += 1
            state.flights[key] = Flight(number: state.lastNumber)
            return .lead(state.lastNumber)
        }
    }

    /// Waits for the flight under way; nil when it has landed meanwhile.
    private func join(_ key: StreamKey) async -> Answer? {
        await withCheckedContinuation { continuation in
            let isUnderWay = state.withLock { state in
                state.flights[key]?.waiting.append(continuation) != nil
            }
            if !isUnderWay { continuation.resume(returning: nil) }
        }
    }

    private func lead(
        _ key: StreamKey,
        _ number: UInt64,
        _ read: @Sendable () async throws -> StreamSnapshot?
    ) async -> Answer {
        let answer: Answer
        do {
            answer = .success(try await read())
        } catch {
            answer = .failure(error)
        }
        let waiting = state.withLock { state -> [CheckedContinuation<Answer?, Never>] in
            if let outdated = state.outdated.removeValue(forKey: number) { return outdated.waiting }
            if case .success(let snapshot?) = answer { state.add(snapshot, key) }
            return state.flights.removeValue(forKey: key)?.waiting ?? []
        }
        for continuation in waiting { continuation.resume(returning: answer) }
        return answer
    }
}
