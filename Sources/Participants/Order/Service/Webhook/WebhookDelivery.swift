import Saga
import SagaStore
import Store
import Wire

/// An order that became final and that the receiver of webhooks does not have yet, as far as is known.
struct WebhookDelivery: Sendable, Equatable {
    /// Of the decision, in the outbox.
    let position: Int64
    let orderID: OrderID
    var failures: Int
    /// For how long it was put off so far.
    var waited: Duration
}

extension Schema {
    /// `next_at`: 0 as soon as possible, NULL given up. A row goes when the receiver has taken the order.
    static let webhook = """
        CREATE TABLE webhook_delivery (
            position INTEGER PRIMARY KEY,
            order_id BLOB NOT NULL,
            failures INTEGER NOT NULL DEFAULT 0,
            waited INTEGER NOT NULL DEFAULT 0,
            next_at INTEGER DEFAULT 0,
            problem TEXT
        ) STRICT;
        CREATE INDEX webhook_delivery_due ON webhook_delivery (next_at);

        """
}

extension Snapshot {
    /// Up to where the decisions have been noted for delivery; nil before there ever was a webhook.
    func webhookPosition() throws(StoreError) -> Int64? {
        try connection.first("SELECT value FROM meta WHERE name = 'webhook_position'") { try $0.natural(0) }
    }

    /// How many wait to be delivered, and how many are given up.
    func webhookCounts() throws(StoreError) -> (pending: Int64, givenUp: Int64) {
        try connection.first("SELECT count(next_at), count(*) - count(next_at) FROM webhook_delivery") {
            try ($0.natural(0), $0.natural(1))
        } ?? (0, 0)
    }

    /// Those that were never tried, in the order of the decisions.
    func newDeliveries(behind position: Int64, limit: Int) throws(StoreError) -> [WebhookDelivery] {
        try connection.all(
            """
            SELECT position, order_id, failures, waited FROM webhook_delivery WHERE next_at = 0 AND position > ? ORDER BY position LIMIT ?
            """, .integer(position), .integer(Int64(limit)), row: WebhookDelivery.init)
    }

    /// Those to be tried again by now, the longest due first. What is further ahead than anything is ever put off was noted by a clock
    /// that has been set back since: it is due, too.
    func dueDeliveries(at now: Timestamp, limit: Int) throws(StoreError) -> [WebhookDelivery] {
        let due = try connection.all(
            """
            SELECT position, order_id, failures, waited FROM webhook_delivery WHERE next_at > 0 AND next_at <= ? ORDER BY next_at LIMIT ?
            """, .time(now), .integer(Int64(limit)), row: WebhookDelivery.init)
        if !due.isEmpty { return due }
        return try connection.all(
            "SELECT position, order_id, failures, waited FROM webhook_delivery WHERE next_at > ? ORDER BY next_at LIMIT ?",
            .time(now.advanced(by: WebhookSchedule.longest * 2)), .integer(Int64(limit)), row: WebhookDelivery.init)
    }

    /// When the next one is to be tried again.
    func nextDelivery(after now: Timestamp) throws(StoreError) -> Timestamp? {
        try connection.first("SELECT next_at FROM webhook_delivery WHERE next_at > ? ORDER BY next_at LIMIT 1", .time(now)) {
            try $0.timestamp(0)
        }
    }
}

extension Transaction {
    func saveWebhookPosition(_ position: Int64) throws(StoreError) {
        try connection.post(
            "INSERT INTO meta VALUES ('webhook_position', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1", .integer(position))
    }

    func insertDelivery(of order: OrderID, decidedAt position: Int64) throws(StoreError) {
        try connection.post("INSERT INTO webhook_delivery (position, order_id) VALUES (?, ?)", .integer(position), .bits(order.bits))
    }

    func deleteDelivery(_ position: Int64) throws(StoreError) {
        try connection.post("DELETE FROM webhook_delivery WHERE position = ?", .integer(position))
    }

    /// - Parameter time: nil: it is given up.
    func postpone(_ delivery: WebhookDelivery, until time: Timestamp?, because problem: String) throws(StoreError) {
        try connection.post(
            "UPDATE webhook_delivery SET failures = ?, waited = ?, next_at = ?, problem = ? WHERE position = ?",
            .integer(Int64(delivery.failures)), .integer(Int64(delivery.waited / .microseconds(1))), time.map { .time($0) } ?? .null,
            .text(problem), .integer(delivery.position))
    }

    /// Those that are given up, at most `limit`, are to be sent again as if they had never been.
    ///
    /// - Returns: how many.
    func sendAgain(limit: Int) throws(StoreError) -> Int {
        try connection.run(
            """
            UPDATE webhook_delivery SET failures = 0, waited = 0, next_at = 1, problem = NULL
            WHERE position IN (SELECT position FROM webhook_delivery WHERE next_at IS NULL ORDER BY position LIMIT ?)
            """, .integer(Int64(limit)))
    }

    /// Forgets those that are given up, at most `limit`.
    ///
    /// - Returns: how many.
    func forgetDeliveries(limit: Int) throws(StoreError) -> Int {
        try connection.run(
            """
            DELETE FROM webhook_delivery
            WHERE position IN (SELECT position FROM webhook_delivery WHERE next_at IS NULL ORDER BY position LIMIT ?)
            """, .integer(Int64(limit)))
    }
}

extension WebhookDelivery {
    fileprivate init(_ row: Row) throws {
        try self.init(
            position: row.natural(0), orderID: row.id(1), failures: Int(row.natural(2)), waited: .microseconds(row.natural(3)))
    }
}
