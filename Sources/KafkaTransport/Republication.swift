import SagaStore
package import Store

/// What was published is being published once more, because the topic has lost it. Kept in the database until all of it is with the broker:
/// whatever ends the process meanwhile, it goes on where it was.
package struct Republication: Equatable, Sendable {
    /// Up to here the outbox has been queued again.
    package var place: Int64
    /// Up to here it is to be.
    package var until: Int64
    /// The last number that was given out for it.
    package var queuedTo: Int64 = 0

    package init(until: Int64) {
        place = 0
        self.until = until
    }

    fileprivate init(_ row: Row) throws {
        place = try row.natural(0)
        until = try row.natural(1)
        queuedTo = try row.natural(2)
    }

    /// Everything is in the outbox again.
    package var isQueued: Bool { place >= until }
}

extension Snapshot {
    package func republication() throws(StoreError) -> Republication? {
        try connection.first("SELECT place, until, queued_to FROM republication", row: Republication.init)
    }

    /// The highest offset that was confirmed, by partition.
    package func confirmedOffsets() throws(StoreError) -> [Int32: Int64] {
        Dictionary(
            uniqueKeysWithValues: try connection.all("SELECT partition, record_offset FROM confirmed") {
                try ($0.partition(0), $0.natural(1))
            })
    }

    package func answeredRequests() throws(StoreError) -> [String: String] {
        Dictionary(uniqueKeysWithValues: try connection.all("SELECT reader, request FROM answered") { try ($0.text(0), $0.text(1)) })
    }
}

extension Transaction {
    package func save(_ republication: Republication?) throws(StoreError) {
        try connection.post("DELETE FROM republication")
        guard let republication else { return }
        try connection.post(
            "INSERT INTO republication VALUES (?, ?, ?)", .integer(republication.place), .integer(republication.until),
            .integer(republication.queuedTo))
    }

    /// Replaces what is known of all partitions.
    package func saveConfirmed(_ offsets: [Int32: Int64]) throws(StoreError) {
        try connection.post("DELETE FROM confirmed")
        for (partition, offset) in offsets {
            try connection.post("INSERT INTO confirmed VALUES (?, ?)", .integer(Int64(partition)), .integer(offset))
        }
    }

    package func saveAnswered(_ request: String, of reader: String) throws(StoreError) {
        try connection.post(
            "INSERT INTO answered VALUES (?1, ?2) ON CONFLICT (reader) DO UPDATE SET request = ?2", .text(reader), .text(request))
    }
}
