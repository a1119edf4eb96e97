import SagaStore
package import Store

/// How far a partition of another service's topic has been read.
package struct Bookmark: Equatable, Sendable {
    /// Of the last record.
    package var offset: Int64
    /// What tells it from others that may come to stand in its place; nil if nothing does.
    package var identity: UInt128?
    /// Goes along with the offset that is committed for the group.
    package var note: String?

    package init(offset: Int64, identity: UInt128?, note: String? = nil) {
        self.offset = offset
        self.identity = identity
        self.note = note
    }
}

/// One partition of a topic, as it is named in the database.
package struct PartitionName: Hashable, Sendable {
    package var topic: String
    package var partition: Int32

    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }
}

extension Snapshot {
    package func bookmarks() throws(StoreError) -> [PartitionName: Bookmark] {
        Dictionary(
            uniqueKeysWithValues: try connection.all("SELECT topic, partition, record_offset, identity, note FROM bookmark") { row in
                try (
                    PartitionName(topic: row.text(0), partition: row.partition(1)),
                    Bookmark(
                        offset: row.natural(2), identity: row.optional(3) { try $0.bits($1) },
                        note: row.optional(4) { try $0.text($1) })
                )
            })
    }
}

extension Transaction {
    package func saveBookmark(_ bookmark: Bookmark, in place: PartitionName) throws(StoreError) {
        try connection.post(
            """
            INSERT INTO bookmark VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (topic, partition) DO UPDATE SET record_offset = ?3, identity = ?4, note = ?5
            """, .text(place.topic), .integer(Int64(place.partition)),
            .integer(bookmark.offset), bookmark.identity.map { .bits($0) } ?? .null, .text(bookmark.note))
    }
}
