import Saga
package import Store
package import Wire

extension Transaction {
    /// Deletes published events, processed-event ids and resolved dead letters from before `cutoff`, at most `limit` rows of each,
    /// oldest first.
    ///
    /// What is not yet published stays however old it is, and so does the newest row of the outbox, which keeps its numbers.
    /// Returns true when there may be more.
    package func deleteExpired(before cutoff: Timestamp, published: Int64, limit: Int) throws(StoreError) -> Bool {
        let last = try outboxBounds().last
        let outbox = try connection.run(
            """
            DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox WHERE seq <= ? AND seq < ? ORDER BY seq LIMIT ?) AND occurred_at < ?
            """, .integer(published), .integer(last), .integer(Int64(limit)), .time(cutoff))
        let inbox = try connection.run(
            "DELETE FROM inbox WHERE seq IN (SELECT seq FROM inbox ORDER BY seq LIMIT ?) AND received_at < ?", .integer(Int64(limit)),
            .time(cutoff))
        let letters = try connection.run(
            "DELETE FROM dead_letter WHERE id IN (SELECT id FROM dead_letter WHERE resolved_at < ? ORDER BY resolved_at LIMIT ?)",
            .time(cutoff), .integer(Int64(limit)))
        return outbox == limit || inbox == limit || letters == limit
    }
}
