package import Saga

/// A record that could not be handled, kept whole until an operator retries or discards it.
package struct StoredDeadLetter: Sendable, Equatable {
    package var id: DeadLetterID
    package var record: IncomingRecord
    package var orderID: OrderID?
    package var reason: String
    package var attempts: Int64
    package var createdAt: Timestamp
}

extension Transaction {
    /// Keeps a record that could not be handled, once per topic, partition and offset.
    package func bury(_ record: IncomingRecord, orderID: OrderID?, reason: String) throws(StoreError) {
        let id: DeadLetterID = ids.next(at: now)
        let added = try connection.run(
            """
            INSERT OR IGNORE INTO dead_letter
            (id, topic, partition, record_offset, record_key, order_id, headers, value, reason, attempts, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)
            """,
            .id(id), .text(record.topic), .integer(Int64(record.partition)), .integer(record.offset),
            record.key.map { .bytes($0) } ?? .null, .id(orderID), .text(HeaderText.write(record.headers)),
            record.value.map { .bytes($0) } ?? .null, .text(reason), .time(now))
        if added == 1 { add(1, to: "dead_letters") }
    }

    package func noteFailedRetry(of id: DeadLetterID, reason: String) throws(StoreError) {
        try connection.run("UPDATE dead_letter SET attempts = attempts + 1, reason = ? WHERE id = ?", .text(reason), .id(id))
    }

    /// Retried with success, or given up. The place stays marked, so that the same record delivered again is not kept again.
    /// False when there is no such dead letter.
    package func resolveDeadLetter(_ id: DeadLetterID) throws(StoreError) -> Bool {
        let changed = try connection.run(
            "UPDATE dead_letter SET resolved_at = ?, record_key = NULL, headers = '', value = NULL WHERE id = ? AND resolved_at IS NULL",
            .time(now), .id(id))
        if changed == 1 { add(-1, to: "dead_letters") }
        return changed == 1
    }
}

extension Snapshot {
    /// Those nobody has dealt with, oldest first.
    package func deadLetters(limit: Int) throws(StoreError) -> [StoredDeadLetter] {
        try connection.all(
            """
            SELECT id, topic, partition, record_offset, record_key, order_id, headers, value, reason, attempts, created_at
            FROM dead_letter INDEXED BY dead_letter_open WHERE resolved_at IS NULL ORDER BY id LIMIT ?
            """, .integer(Int64(limit)), row: StoredDeadLetter.init)
    }

    package func deadLetters(of order: OrderID) throws(StoreError) -> [StoredDeadLetter] {
        // There are few, and an operator asks.
        try deadLetters(limit: 1000).filter { $0.orderID == order }
    }

    package func deadLetter(_ id: DeadLetterID) throws(StoreError) -> StoredDeadLetter? {
        try connection.first(
            """
            SELECT id, topic, partition, record_offset, record_key, order_id, headers, value, reason, attempts, created_at
            FROM dead_letter WHERE id = ? AND resolved_at IS NULL
            """, .id(id), row: StoredDeadLetter.init)
    }
}

extension StoredDeadLetter {
    fileprivate init(_ row: Row) {
        id = row.id(0)
        record = IncomingRecord(
            topic: row.text(1), partition: Int32(truncatingIfNeeded: row.integer(2)), offset: row.integer(3),
            key: row.optional(4) { $0.bytes($1) }, attributes: .headers(HeaderText.read(row.text(6))),
            value: row.optional(7) { $0.bytes($1) })
        orderID = row.optional(5) { $0.id($1) }
        reason = row.text(8)
        attempts = row.integer(9)
        createdAt = row.timestamp(10)
    }
}
