package import Saga

/// How far a peer's outbox has been read. The log's id tells a log that was replaced (a restored or deleted database) from one
/// that went on.
package struct LogPosition: Equatable, Sendable {
    package var logID: UInt128
    package var seq: Int64

    package init(logID: UInt128, seq: Int64) {
        self.logID = logID
        self.seq = seq
    }
}

extension Snapshot {
    package func position(in source: ServiceName) throws(StoreError) -> LogPosition? {
        try connection.first("SELECT log_id, seq FROM position WHERE source = ?", .text(source.rawValue)) {
            LogPosition(logID: $0.bits(0), seq: $0.integer(1))
        }
    }

    /// The id of this database's own outbox, made with the database.
    package func logID() throws(StoreError) -> UInt128? {
        try connection.first("SELECT value FROM meta WHERE name = 'log_id'") { $0.bits(0) }
    }
}

extension Transaction {
    package func savePosition(_ position: LogPosition, in source: ServiceName) throws(StoreError) {
        try connection.run(
            "INSERT INTO position VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET log_id = ?2, seq = ?3", .text(source.rawValue),
            .bits(position.logID), .integer(position.seq))
    }

    /// True the first time, with a new database: then what is applied only once is to be applied.
    package func initialize() throws(StoreError) -> Bool {
        let id: ID<Never> = ids.next(at: now)
        return try connection.run("INSERT OR IGNORE INTO meta VALUES ('log_id', ?)", .bits(id.bits)) == 1
    }
}
