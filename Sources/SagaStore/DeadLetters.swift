package import Saga
package import Store
package import Wire

/// A record that waits, whole, for an operator to retry or discard it.
///
/// - One that cannot be read is not known to belong to any order, whatever its key and headers say: it holds up nothing. Otherwise
///   one damaged copy could keep an order from ending.
/// - A readable event whose handling failed holds up its order at this service: the events of the order that come later are parked
///   behind it, untried, in order of arrival. Other orders flow.
///
/// So of each order there is a queue: at its head an event that failed, behind it those that are parked. It is in the database and
/// changes in the transactions that handle events, so a crash or a rollback leaves it as it was.
package struct StoredDeadLetter: Sendable, Equatable {
    package var id: DeadLetterID
    package var kind: DeadLetterKind
    /// In lists without what is large of it: the value, the key or the headers.
    package var record: IncomingRecord
    /// How many bytes the value has, whether it is here or not.
    package var valueSize: Int
    package var orderID: OrderID?
    /// The head of the queue in which this one is parked.
    package var parkedBehind: DeadLetterID?
    package var reason: String
    package var attempts: Int64
    package var createdAt: Timestamp
}

extension Transaction {
    /// Keeps a record that is no event, once per topic, partition and offset.
    package func bury(_ record: IncomingRecord, _ unreadable: UnreadableRecord) throws(StoreError) {
        try keep(record, unreadable.kind, event: nil, order: record.presumedOrder, turn: nil, reason: unreadable.reason, attempts: 1)
    }

    /// Keeps an event whose handling failed, as the head of its order's queue.
    package func bury(_ record: IncomingRecord, _ envelope: EventEnvelope, reason: String) throws(StoreError) {
        try keep(record, .handlerFailed, event: envelope.id, order: envelope.event.orderID, turn: 1, reason: reason, attempts: 1)
        gathered.mayHoldOrders = true
    }

    /// Keeps an event, untried, at the end of its order's queue; one that waits there already is not kept again.
    package func park(_ record: IncomingRecord, _ envelope: EventEnvelope) throws(StoreError) {
        let last = try connection.first(
            """
            SELECT coalesce(max(turn), 0), coalesce(max(CASE WHEN event_id = ?2 THEN 1 ELSE 0 END), 0) FROM dead_letter INDEXED BY dead_letter_by_order
            WHERE order_id = ?1 AND turn IS NOT NULL AND resolved_at IS NULL
            """, .bits(envelope.event.orderID.bits), .bits(envelope.id.bits)
        ) { try (turn: $0.natural(0), isWaiting: $0.integer(1) == 1) }
        guard let last, !last.isWaiting else { return }
        try keep(
            record, .parked, event: envelope.id, order: envelope.event.orderID, turn: last.turn + 1,
            reason: "an earlier event of the order could not be handled", attempts: 0)
    }

    private func keep(
        _ record: IncomingRecord, _ kind: DeadLetterKind, event: EventID?, order: OrderID?, turn: Int64?, reason: String, attempts: Int64
    ) throws(StoreError) {
        let id: DeadLetterID = ids.next(at: now)
        let added = try connection.run(
            """
            INSERT INTO dead_letter
            (id, kind, topic, partition, record_offset, record_key, event_id, order_id, turn, headers, value, reason, attempts, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            .bits(id.bits), .text(kind.rawValue), .text(record.topic), .integer(Int64(record.partition)), .integer(record.offset),
            record.key.map { .bytes($0) } ?? .null, event.map { .bits($0.bits) } ?? .bytes([]), .bits(order?.bits),
            turn.map { .integer($0) } ?? .null,
            .text(HeaderText.write(record.headers)), record.value.map { .bytes($0) } ?? .null, .text(reason), .integer(attempts),
            .time(now))
        if added == 1 { add(1, to: "dead_letters") }
    }

    /// The record could still not be read, perhaps for another reason. In a queue it stays what it is there.
    package func noteFailedRetry(of id: DeadLetterID, _ unreadable: UnreadableRecord) throws(StoreError) {
        try connection.post(
            "UPDATE dead_letter SET attempts = attempts + 1, kind = CASE WHEN turn IS NULL THEN ? ELSE kind END, reason = ? WHERE id = ?",
            .text(unreadable.kind.rawValue), .text(unreadable.reason), .bits(id.bits))
    }

    /// The event was tried and failed: it is the head of its order's queue, if it was not so before.
    package func noteFailedRetry(of id: DeadLetterID, order: OrderID, reason: String) throws(StoreError) {
        try connection.post(
            """
            UPDATE dead_letter SET attempts = attempts + 1, kind = 'handler-failed', order_id = ?, turn = coalesce(turn, 1), reason = ?
            WHERE id = ?
            """, .bits(order.bits), .text(reason), .bits(id.bits))
        gathered.mayHoldOrders = true
    }

    /// Retried with success, or given up. The place stays marked, so that the same record delivered again is not kept again.
    /// False when there is no such dead letter.
    package func resolveDeadLetter(_ id: DeadLetterID) throws(StoreError) -> Bool {
        let changed = try connection.run(
            """
            UPDATE dead_letter SET resolved_at = ?, turn = NULL, record_key = NULL, headers = '', value = NULL
            WHERE id = ? AND resolved_at IS NULL
            """, .time(now), .bits(id.bits))
        if changed == 1 { add(-1, to: "dead_letters") }
        return changed == 1
    }

    /// The head of the queue behind which the events of an order wait; nil when they flow.
    ///
    /// With no order held up this asks once a transaction, not once an event.
    func holder(of order: OrderID) throws(StoreError) -> DeadLetterID? {
        if gathered.mayHoldOrders == nil { gathered.mayHoldOrders = try holdsOrders() }
        return gathered.mayHoldOrders == true ? try queueHead(of: order) : nil
    }
}

extension Snapshot {
    /// Who of an order's queue is to be handled first.
    func queueHead(of order: OrderID) throws(StoreError) -> DeadLetterID? {
        try connection.first(
            """
            SELECT id FROM dead_letter INDEXED BY dead_letter_by_order
            WHERE order_id = ? AND turn IS NOT NULL AND resolved_at IS NULL ORDER BY turn LIMIT 1
            """, .bits(order.bits)
        ) { try $0.id(0) }
    }

    fileprivate func holdsOrders() throws(StoreError) -> Bool {
        try connection.first(
            """
            SELECT 1 FROM dead_letter INDEXED BY dead_letter_by_kind WHERE kind = 'handler-failed' AND resolved_at IS NULL LIMIT 1
            """
        ) { _ in true } ?? false
    }
}
