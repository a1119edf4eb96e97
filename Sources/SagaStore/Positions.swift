package import Saga
package import Store
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

extension Snapshot {
    package func position(in source: ServiceName) throws(StoreError) -> LogPosition? {
        try connection.first("SELECT log_id, seq, event_id FROM position WHERE source = ?", .text(source.rawValue)) {
            LogPosition(logID: try $0.bits(0), seq: try $0.natural(1), eventID: try $0.optional(2) { try $0.id($1) })
        }
    }
}

extension Transaction {
    package func savePosition(_ position: LogPosition, in source: ServiceName) throws(StoreError) {
        try connection.post(
            "INSERT INTO position VALUES (?1, ?2, ?3, ?4) ON CONFLICT (source) DO UPDATE SET log_id = ?2, seq = ?3, event_id = ?4",
            .text(source.rawValue), .bits(position.logID), .integer(position.seq), .bits(position.eventID?.bits))
    }
}
