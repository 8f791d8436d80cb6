import Domain
import Events
import Ledger

/// Takes what was committed to those who watch, and to the subscribers of this process.
struct CommitFanOut: CommitPublisher {
    let watchers: any CommitPublisher
    let bus: EventBus

    func publish(_ committed: Committed) {
        watchers.publish(committed)
        bus.publish(committed)
    }
}
