package import Saga
import Wire

/// How far a peer's outbox has been read. The log's id tells the log of another database from one that went on, the event's id one
/// that was restored from a backup and then used the same numbers for other events.
package struct LogPosition: Equatable, Sendable {
    package var logID: UInt128
    package var seq: Int64
    /// The event that was read at this number.
    package var eventID: EventID?

    package init(logID: UInt128, seq: Int64, eventID: EventID? = nil) {
        self.logID = logID
        self.seq = seq
        self.eventID = eventID
    }
}

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
    package func position(in source: ServiceName) throws(StoreError) -> LogPosition? {
        try connection.first("SELECT log_id, seq, event_id FROM position WHERE source = ?", .text(source.rawValue)) {
            LogPosition(logID: try $0.bits(0), seq: try $0.natural(1), eventID: try $0.optional(2) { try $0.id($1) })
        }
    }

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

    /// The id of this database's own outbox, made with the database.
    package func logID() throws(StoreError) -> UInt128? {
        try connection.first("SELECT value FROM meta WHERE name = 'log_id'") { try $0.bits(0) }
    }
}

extension Transaction {
    package func savePosition(_ position: LogPosition, in source: ServiceName) throws(StoreError) {
        try connection.run(
            "INSERT INTO position VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET log_id = ?2, seq = ?3, event_id = ?4",
            .text(source.rawValue), .bits(position.logID), .integer(position.seq), .id(position.eventID))
    }

    package func saveBookmark(_ bookmark: Bookmark, in place: PartitionName) throws(StoreError) {
        try connection.run(
            "INSERT OR REPLACE INTO bookmark VALUES (?, ?, ?, ?, ?)", .text(place.topic), .integer(Int64(place.partition)),
            .integer(bookmark.offset), bookmark.identity.map { .bits($0) } ?? .null, .text(bookmark.note))
    }

    /// True the first time, with a new database: then what is applied only once is to be applied.
    package func initialize() throws(StoreError) -> Bool {
        let id: ID<Never> = ids.next(at: now)
        return try connection.run("INSERT OR IGNORE INTO meta VALUES ('log_id', ?)", .bits(id.bits)) == 1
    }
}
