package import Saga
package import Store
package import Wire

/// Which dead letters are meant: all that nobody has dealt with, or those of them that are so in every respect that is named.
package struct DeadLetterFilter: Sendable, Equatable {
    package var kind: DeadLetterKind?
    package var topic: String?
    /// Only those from before this time.
    package var before: Timestamp?

    package init(kind: DeadLetterKind? = nil, topic: String? = nil, before: Timestamp? = nil) {
        self.kind = kind
        self.topic = topic
        self.before = before
    }
}

/// Reading dead letters. A broker sets the bounds of a record, so only one at a time is ever read whole: of a list's records what
/// is larger than `largestListed` stays in the database.
extension Snapshot {
    /// The most bytes that a list shows of a value, and of a key or of headers.
    package static let largestListed: Int64 = 4096

    /// Those nobody has dealt with, oldest first; the page behind `cursor`.
    package func deadLetters(
        _ filter: DeadLetterFilter = DeadLetterFilter(), after cursor: DeadLetterID? = nil, limit: Int
    ) throws(StoreError) -> [StoredDeadLetter] {
        try connection.all(
            """
            SELECT id, kind, topic, partition, record_offset, CASE WHEN length(record_key) <= ?6 THEN record_key END, order_id,
                CASE WHEN length(headers) <= ?6 THEN headers ELSE '' END, CASE WHEN length(value) <= ?6 THEN value END, reason, attempts, created_at,
                length(value)
            FROM dead_letter INDEXED BY dead_letter_open
            WHERE resolved_at IS NULL AND id > ?1 AND (kind = ?2 OR ?2 IS NULL) AND (topic = ?3 OR ?3 IS NULL)
                AND (created_at < ?4 OR ?4 IS NULL)
            ORDER BY id LIMIT ?5
            """, .bits(cursor?.bits ?? 0), .text(filter.kind?.rawValue), .text(filter.topic), filter.before.map { .time($0) } ?? .null,
            .integer(Int64(limit)), .integer(Snapshot.largestListed), row: StoredDeadLetter.init
        ).map(queued)
    }

    /// Whether this was ever the id of a dead letter that is remembered, dealt with or not.
    package func knowsDeadLetter(_ id: DeadLetterID) throws(StoreError) -> Bool {
        try connection.first("SELECT 1 FROM dead_letter WHERE id = ?", .bits(id.bits)) { _ in true } ?? false
    }

    /// Those that are, or seem to be, about an order: in the order of its queue. An event is here whole, what is too large for one is not.
    package func deadLetters(of order: OrderID) throws(StoreError) -> [StoredDeadLetter] {
        try connection.all(
            """
            SELECT id, kind, topic, partition, record_offset, CASE WHEN length(record_key) <= ?2 THEN record_key END, order_id,
                CASE WHEN length(headers) <= ?2 THEN headers ELSE '' END, CASE WHEN length(value) <= ?2 THEN value END, reason, attempts, created_at,
                length(value)
            FROM dead_letter INDEXED BY dead_letter_by_order WHERE order_id = ?1 AND resolved_at IS NULL ORDER BY turn NULLS FIRST LIMIT 1000
            """, .bits(order.bits), .integer(Int64(SagaEvent.largestBody)), row: StoredDeadLetter.init
        ).map(queued)
    }

    /// One of them, whole.
    package func deadLetter(_ id: DeadLetterID) throws(StoreError) -> StoredDeadLetter? {
        try connection.first(
            """
            SELECT id, kind, topic, partition, record_offset, record_key, order_id, headers, value, reason, attempts, created_at,
                length(value)
            FROM dead_letter WHERE id = ? AND resolved_at IS NULL
            """, .bits(id.bits), row: StoredDeadLetter.init
        ).map(queued)
    }

    private func queued(_ letter: StoredDeadLetter) throws(StoreError) -> StoredDeadLetter {
        guard letter.kind == .parked, let order = letter.orderID else { return letter }
        var letter = letter
        letter.parkedBehind = try queueHead(of: order)
        return letter
    }

    /// How many of each kind nobody has dealt with.
    package func deadLetterCounts() throws(StoreError) -> [DeadLetterKind: Int] {
        var counts: [DeadLetterKind: Int] = [:]
        for kind in DeadLetterKind.allCases {
            counts[kind] = try connection.first(
                "SELECT count(*) FROM dead_letter INDEXED BY dead_letter_by_kind WHERE kind = ? AND resolved_at IS NULL",
                .text(kind.rawValue)
            ) { Int(try $0.integer(0)) }
        }
        return counts
    }
}

extension StoredDeadLetter {
    fileprivate init(_ row: Row) throws {
        id = try row.id(0)
        kind = try row.value(1)
        record = try IncomingRecord(
            topic: row.text(2), partition: row.partition(3), offset: row.integer(4),
            key: row.optional(5) { try $0.bytes($1) }, attributes: .headers(row.headers(7)),
            value: row.optional(8) { try $0.bytes($1) })
        orderID = try row.optional(6) { try $0.id($1) }
        reason = try row.text(9)
        attempts = try row.natural(10)
        createdAt = try row.timestamp(11)
        valueSize = Int(try row.optional(12) { try $0.natural($1) } ?? 0)
    }
}

extension Row {
    fileprivate func headers(_ column: Int32) throws(StoreError) -> [IncomingRecord.Header] {
        guard let headers = HeaderText.read(try text(column)) else { throw unexpected(column) }
        return headers
    }
}
