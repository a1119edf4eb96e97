package import Saga
package import Store
package import Wire

/// One event of a service's outbox, as it travels.
package struct OutboxEntry: Equatable, Sendable {
    /// Its place in the log; grows without ever being used twice.
    package var seq: Int64
    package var eventID: EventID
    package var orderID: OrderID
    package var type: EventType
    package var causation: EventID?
    package var trace: TraceContext
    package var occurredAt: Timestamp
    /// The wire form of the event.
    package var body: [UInt8]

    package init(
        seq: Int64, eventID: EventID, orderID: OrderID, type: EventType, causation: EventID?, trace: TraceContext, occurredAt: Timestamp,
        body: [UInt8]
    ) {
        self.seq = seq
        self.eventID = eventID
        self.orderID = orderID
        self.type = type
        self.causation = causation
        self.trace = trace
        self.occurredAt = occurredAt
        self.body = body
    }
}

/// An event in the outbox, with what a client or a deadline changed by it.
package struct OutboxEvent: Equatable, Sendable {
    package var entry: OutboxEntry
    package var transition: Transition?
}

extension Transaction {
    /// Queues an event to be published once this transaction is durable.
    ///
    /// - Parameter transition: what a client or a deadline changed, where no received event records it.
    package func append(
        _ emission: Emission, causation: EventID?, trace: TraceContext, transition: Transition? = nil
    ) throws(StoreError) {
        let entry = try OutboxEntry(
            seq: nextOutboxNumber(), eventID: emission.id, orderID: emission.event.orderID, type: emission.event.type, causation: causation,
            trace: trace, occurredAt: now, body: emission.event.encoded())
        try connection.post(
            """
            INSERT INTO outbox (seq, event_id, order_id, type, causation_id, trace_id, occurred_at, body, from_status, to_status, repeated)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
            """,
            .integer(entry.seq), .bits(entry.eventID.bits), .bits(entry.orderID.bits), .text(entry.type.rawValue), .bits(causation?.bits),
            .trace(trace),
            .time(now),
            .bytes(entry.body), .text(transition?.from), .text(transition?.to))
        gathered.appended.append(entry)
    }

    /// Queues an event once more that was published already, as it was. False when retention has deleted it.
    package func appendAgain(_ id: EventID, of order: OrderID) throws(StoreError) -> Bool {
        let original = try connection.first(
            """
            SELECT seq, event_id, order_id, type, causation_id, trace_id, occurred_at, body FROM outbox
            WHERE order_id = ? AND event_id = ? LIMIT 1
            """, .bits(order.bits), .bits(id.bits), row: OutboxEntry.init)
        guard let original else { return false }
        try appendAgain(original)
        return true
    }

    package func appendAgain(_ original: OutboxEntry) throws(StoreError) {
        var entry = original
        entry.seq = try nextOutboxNumber()
        try connection.post(
            """
            INSERT INTO outbox (seq, event_id, order_id, type, causation_id, trace_id, occurred_at, body, repeated)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
            """,
            .integer(entry.seq), .bits(entry.eventID.bits), .bits(entry.orderID.bits), .text(entry.type.rawValue),
            .bits(entry.causation?.bits),
            .trace(entry.trace),
            .time(entry.occurredAt), .bytes(entry.body))
        gathered.appended.append(entry)
    }

    /// Numbers follow each other as they are committed: the outbox has one writer, and its newest row is never deleted.
    private func nextOutboxNumber() throws(StoreError) -> Int64 {
        if let last = gathered.appended.last { return last.seq + 1 }
        let last = try connection.first("SELECT seq FROM outbox ORDER BY seq DESC LIMIT 1") { try $0.natural(0) }
        return (last ?? 0) + 1
    }

    /// Remembers how far a reader of the outbox has come. Only forward, unless the log itself was replaced.
    package func saveFollower(_ name: String, at seq: Int64) throws(StoreError) {
        try connection.post(
            "INSERT INTO follower VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET seq = ?2 WHERE follower.seq < ?2", .text(name),
            .integer(seq))
    }
}

extension Snapshot {
    /// Entries behind `seq`, in order.
    package func outbox(after seq: Int64, limit: Int) throws(StoreError) -> [OutboxEntry] {
        try connection.all(
            """
            SELECT seq, event_id, order_id, type, causation_id, trace_id, occurred_at, body FROM outbox
            WHERE seq > ? ORDER BY seq LIMIT ?
            """, .integer(seq), .integer(Int64(limit)), row: OutboxEntry.init)
    }

    /// What was published of an order, each event once, in order.
    package func outbox(of order: OrderID) throws(StoreError) -> [OutboxEvent] {
        try connection.all(
            """
            SELECT seq, event_id, order_id, type, causation_id, trace_id, occurred_at, body, from_status, to_status FROM outbox
            WHERE order_id = ? AND repeated = 0 ORDER BY seq
            """, .bits(order.bits)
        ) { row in
            try OutboxEvent(
                entry: OutboxEntry(row),
                transition: row.optional(9) { try Transition(from: $0.optional(8) { try $0.text($1) }, to: $0.text($1)) })
        }
    }

    /// Whether an entry only repeats an earlier one.
    package func isRepeated(_ seq: Int64) throws(StoreError) -> Bool {
        try connection.first("SELECT repeated FROM outbox WHERE seq = ?", .integer(seq)) { try $0.integer(0) == 1 } ?? false
    }

    /// The first and the last number in the outbox; an empty one is 1...0.
    package func outboxBounds() throws(StoreError) -> (first: Int64, last: Int64) {
        let first = try connection.first("SELECT seq FROM outbox ORDER BY seq LIMIT 1") { try $0.natural(0) }
        let last = try connection.first("SELECT seq FROM outbox ORDER BY seq DESC LIMIT 1") { try $0.natural(0) }
        return (first ?? 1, last ?? 0)
    }

    /// The event that has this number, if it is still there.
    package func eventID(outboxSeq seq: Int64) throws(StoreError) -> EventID? {
        try connection.first("SELECT event_id FROM outbox WHERE seq = ?", .integer(seq)) { try $0.id(0) }
    }

    package func occurredAt(outboxSeq seq: Int64) throws(StoreError) -> Timestamp? {
        try connection.first("SELECT occurred_at FROM outbox WHERE seq >= ? ORDER BY seq LIMIT 1", .integer(seq)) { try $0.timestamp(0) }
    }

    package func followers() throws(StoreError) -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: try connection.all("SELECT name, seq FROM follower") { try ($0.text(0), $0.natural(1)) })
    }
}

extension OutboxEntry {
    fileprivate init(_ row: Row) throws {
        try self.init(
            seq: row.natural(0), eventID: row.id(1), orderID: row.id(2), type: row.value(3), causation: row.optional(4) { try $0.id($1) },
            trace: row.trace(5), occurredAt: row.timestamp(6), body: row.bytes(7))
    }
}
