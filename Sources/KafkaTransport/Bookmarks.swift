package import SagaStore
package import Store
import Synchronization
import Transport

/// How far the partitions of the others' topics were handled, to be saved along with the next commit, and only so: what is saved is
/// always behind what is durable, and what is read again after a crash the inbox absorbs.
package final class Bookmarks: CommitHook {
    private let unsaved = Mutex<[PartitionName: Bookmark]>([:])

    package init() {}

    package func makeTables(in transaction: Transaction) throws {
        try transaction.connection.execute(
            """
            -- How far each partition of the others' topics was read, what the record there was, and what is asked of the owner of
            -- the topic.
            CREATE TABLE IF NOT EXISTS bookmark (
                topic TEXT NOT NULL,
                partition INTEGER NOT NULL,
                record_offset INTEGER NOT NULL,
                identity BLOB,
                note TEXT,
                PRIMARY KEY (topic, partition)
            ) STRICT, WITHOUT ROWID;
            """)
    }

    /// Nothing is taken over: the consumer reads them when it is given partitions.
    package func restore(from _: Snapshot) {}

    /// Up to here partitions were handled, and certainly of the log that is there.
    package func handled(_ places: [PartitionName: Bookmark]) {
        unsaved.withLock { $0.merge(places) { $1 } }
    }

    package func save(in transaction: Transaction) throws {
        let bookmarks = unsaved.withLock { $0 }
        guard !bookmarks.isEmpty else { return }
        for (place, bookmark) in bookmarks { try transaction.saveBookmark(bookmark, in: place) }
        // Only then: a commit may fail.
        transaction.afterCommit {
            self.unsaved.withLock { unsaved in
                for (place, bookmark) in bookmarks where unsaved[place] == bookmark { unsaved[place] = nil }
            }
        }
    }
}
