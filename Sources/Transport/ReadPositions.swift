package import Saga
package import SagaStore
package import Store
import Synchronization

/// How far the logs of the peers were read beyond the last event that had an effect here.
///
/// What has no effect causes no commit of its own, so these positions are written along with the next one; housekeeping makes one
/// every minute. Without them a peer's retention would one day delete what was passed over here and look like a loss. A crash
/// before that passes it over once more.
package final class ReadPositions: CommitHook {
    private let unsaved = Mutex<[ServiceName: LogPosition]>([:])

    package init() {}

    /// Nothing is taken over: a position is read where it is used.
    package func restore(from _: Snapshot) {}

    /// Everything up to here was read, and what came last had no effect.
    package func passedOver(to position: LogPosition, in source: ServiceName) {
        unsaved.withLock { $0[source] = position }
    }

    /// What was read last has an effect, and its position is saved along with that. Called before the transaction is handed in.
    package func superseded(in source: ServiceName) {
        unsaved.withLock { $0[source] = nil }
    }

    package func save(in transaction: Transaction) throws {
        let positions = unsaved.withLock { $0 }
        guard !positions.isEmpty else { return }
        for (source, position) in positions { try transaction.savePosition(position, in: source) }
        // Only then: a commit may fail.
        transaction.afterCommit {
            self.unsaved.withLock { unsaved in
                for (source, position) in positions where unsaved[source] == position { unsaved[source] = nil }
            }
        }
    }
}
