package import enum Saga.DeadLetterKind
package import struct Saga.ServiceName

/// A record a daemon could not handle, or must not yet, kept as it came until an operator retries or discards it.
///
/// `id` is unique across daemons. `valueBase64` holds the raw bytes, of which there are `valueSize`; a list leaves it out, and `key` and
/// `headers` likewise, where it has more than 4 KiB, and the dead letter asked for by itself has it. `key` and `orderId` are there when the record had them,
/// `parkedBehind` is the id of the dead letter that comes first.
package struct DeadLetter: Codable, Hashable, Sendable {
    package let id: String
    package let service: ServiceName
    package let kind: DeadLetterKind
    package let parkedBehind: String?
    package let topic: String
    package let partition: Int32
    package let offset: Int64
    package let key: String?
    package let orderId: String?
    package let headers: [String: String]
    package let valueBase64: String?
    package let valueSize: Int?
    package let reason: String
    package let attempts: Int
    package let createdAt: String

    package init(
        id: String, service: ServiceName, kind: DeadLetterKind, parkedBehind: String? = nil, topic: String, partition: Int32,
        offset: Int64, key: String? = nil, orderId: String? = nil, headers: [String: String] = [:], valueBase64: String?,
        valueSize: Int? = nil, reason: String, attempts: Int, createdAt: String
    ) {
        self.id = id
        self.service = service
        self.kind = kind
        self.parkedBehind = parkedBehind
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.key = key
        self.orderId = orderId
        self.headers = headers
        self.valueBase64 = valueBase64
        self.valueSize = valueSize
        self.reason = reason
        self.attempts = attempts
        self.createdAt = createdAt
    }
}

/// The answer of `POST /dead-letters/{id}/retry` when it worked: `outcome` is what became of the event, as in a trace.
///
/// `released` is how many events parked behind it were handled, too, if any. `heldBy` is the one of them whose handling failed, and
/// behind which the rest stays parked.
package struct RetryResult: Codable, Hashable, Sendable {
    package let id: String
    package let outcome: TraceStep.Outcome
    package let released: Int?
    package let heldBy: String?

    package init(id: String, outcome: TraceStep.Outcome, released: Int? = nil, heldBy: String? = nil) {
        self.id = id
        self.outcome = outcome
        self.released = released
        self.heldBy = heldBy
    }
}

/// The answer of `GET /dead-letters`: one page, oldest first. `nextCursor` is absent on the last page.
package struct DeadLetterList: Codable, Hashable, Sendable {
    package let deadLetters: [DeadLetter]
    package let nextCursor: String?

    package init(deadLetters: [DeadLetter], nextCursor: String? = nil) {
        self.deadLetters = deadLetters
        self.nextCursor = nextCursor
    }
}
