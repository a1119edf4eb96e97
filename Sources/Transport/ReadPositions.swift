package import Saga
package import SagaStore
import Synchronization

/// How far the logs of the peers were read beyond the last event that had an effect here.
///
/// What has no effect causes no commit of its own, so these positions are written along with the next one; housekeeping makes one
/// every minute. Without them a peer's retention would one day delete what was passed over here and look like a loss. A crash
/// before that passes it over once more. Bookmarks of partitions are written in the same way, and only so: they are always behind
/// what is durable, and what is read again the inbox absorbs.
package final class ReadPositions: Sendable {
    private let unsaved = Mutex<[ServiceName: LogPosition]>([:])
    private let bookmarks = Mutex<[PartitionName: Bookmark]>([:])

    package init() {}

    /// Everything up to here was read, and what came last had no effect.
    package func passedOver(to position: LogPosition, in source: ServiceName) {
        unsaved.withLock { $0[source] = position }
    }

    /// What was read last has an effect, and its position is saved along with that. Called before the transaction is handed in.
    package func superseded(in source: ServiceName) {
        unsaved.withLock { $0[source] = nil }
    }

    /// Up to here partitions were handled, and certainly of the log that is there.
    package func handled(_ places: [PartitionName: Bookmark]) {
        bookmarks.withLock { $0.merge(places) { $1 } }
    }

    /// Adds the positions to a transaction that is about to be committed anyway.
    package func save(in transaction: Transaction) throws {
        let positions = unsaved.withLock { $0 }
        let bookmarks = bookmarks.withLock { $0 }
        guard !positions.isEmpty || !bookmarks.isEmpty else { return }
        for (source, position) in positions { try transaction.savePosition(position, in: source) }
        for (place, bookmark) in bookmarks { try transaction.saveBookmark(bookmark, in: place) }
        // Only then: a commit may fail.
        transaction.afterCommit {
            self.bookmarks.withLock { unsaved in
                for (place, bookmark) in bookmarks where unsaved[place] == bookmark { unsaved[place] = nil }
            }
            self.unsaved.withLock { unsaved in
                for (source, position) in positions where unsaved[source] == position { unsaved[source] = nil }
            }
        }
    }
}
