import Domain
import JSON

/// What is known of flows that were written lately, so that the next write does not read it again. Only ever a guess:
/// another process may have written since, which a commit finds out by the position.
///
/// Bounded by the size of the states and journals. Two halves: what is touched is in the young one, which becomes the old one when it is
/// full, and what was in the old one is forgotten.
struct FlowCache {
    private struct Known {
        let record: FlowRecord
        let bytes: Int
    }

    private struct Key: Hashable {
        let tenant: TenantID
        let flow: FlowID
    }

    private var young: [Key: Known] = [:]
    private var old: [Key: Known] = [:]
    private var youngBytes = 0
    private let half: Int

    /// What a flow takes beside its state and the results in its journal, about, and what each row of that takes.
    private static let (overhead, row) = (2048, 512)

    /// Holds states and results of at most so many bytes, in serialised form.
    init(bytes: Int) { half = bytes / 2 }

    /// What is known of a flow.
    mutating func record(of flow: FlowID, of tenant: TenantID) -> FlowRecord? {
        let key = Key(tenant: tenant, flow: flow)
        if let known = young[key] { return known.record }
        guard let known = old[key] else { return nil }
        set(known, key)
        return known.record
    }

    /// Learns what was committed or read.
    /// - Parameter stateBytes: the size of its state, where that is known.
    mutating func set(_ record: FlowRecord, of tenant: TenantID, stateBytes: Int? = nil) {
        let summary = record.summary ?? JournalSummary(steps: record.steps, effects: record.effects)
        let bytes =
            (stateBytes ?? record.flow.state.serializedSize(upTo: half)) + summary.bytes + Self.overhead
            + (record.steps.count + record.effects.count) * Self.row
        let key = Key(tenant: tenant, flow: record.flow.id)
        guard bytes <= half else { return forget(key) }
        set(Known(record: record, bytes: bytes), key)
    }

    /// It is not so any more.
    mutating func forget(_ flow: FlowID, of tenant: TenantID) { forget(Key(tenant: tenant, flow: flow)) }

    private mutating func set(_ known: Known, _ key: Key) {
        forget(key)
        if youngBytes + known.bytes > half {
            old = young
            young = [:]
            youngBytes = 0
        }
        young[key] = known
        youngBytes += known.bytes
    }

    private mutating func forget(_ key: Key) {
        if let known = young.removeValue(forKey: key) { youngBytes -= known.bytes }
        old[key] = nil
    }
}
