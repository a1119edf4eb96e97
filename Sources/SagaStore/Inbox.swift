package import Saga
package import Store
package import Wire

/// What was received for an order and what came of it, as the timeline shows it.
package struct InboxEntry: Sendable, Equatable {
    package var eventID: EventID
    package var type: EventType
    package var causation: EventID?
    package var receivedAt: Timestamp
    package var outcome: HandledEvent.Outcome
    package var transition: Transition?
    package var duplicateAt: Timestamp?
}

extension Transaction {
    /// Whether an event was received before, without leaving a mark.
    func hasReceived(_ event: EventID) throws(StoreError) -> Bool {
        try connection.first("SELECT 1 FROM inbox WHERE event_id = ?", .bits(event.bits)) { _ in true } ?? false
    }

    /// Notes that an event was received, and what came of it.
    func markReceived(_ envelope: EventEnvelope, _ outcome: HandledEvent.Outcome, _ transition: Transition?) throws(StoreError) {
        try connection.post(
            """
            INSERT INTO inbox (event_id, order_id, type, causation_id, received_at, outcome, from_status, to_status)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .bits(envelope.id.bits), .bits(envelope.event.orderID.bits), .text(envelope.event.type.rawValue),
            .bits(envelope.causation?.bits), .time(now),
            .text(outcome.rawValue), .text(transition?.from), .text(transition?.to))
    }

    /// Notes that an event was received once more.
    func markReceivedAgain(_ event: EventID) throws(StoreError) {
        try connection.post(
            "UPDATE inbox SET duplicates = duplicates + 1, duplicate_at = ? WHERE event_id = ?", .time(now), .bits(event.bits))
    }
}

extension Snapshot {
    package func inbox(of order: OrderID) throws(StoreError) -> [InboxEntry] {
        try connection.all(
            """
            SELECT event_id, type, causation_id, received_at, outcome, from_status, to_status, duplicate_at FROM inbox
            WHERE order_id = ? ORDER BY seq
            """, .bits(order.bits)
        ) { row in
            try InboxEntry(
                eventID: row.id(0), type: row.value(1), causation: row.optional(2) { try $0.id($1) }, receivedAt: row.timestamp(3),
                outcome: row.value(4),
                transition: row.optional(6) { try Transition(from: $0.optional(5) { try $0.text($1) }, to: $0.text($1)) },
                duplicateAt: row.optional(7) { try $0.timestamp($1) })
        }
    }
}
