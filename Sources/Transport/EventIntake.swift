package import Saga
package import SagaStore
import Store

/// Records of one source as they arrived, looked into.
package struct ReceivedBatch: Sendable {
    package var records: [(record: IncomingRecord, examined: ExaminedRecord)]
    /// How far into the source's log they reach.
    package var position: (source: ServiceName, LogPosition)?

    /// The records one by one; how far they reach comes with the last. What is handled before that is absorbed when it comes again.
    package var parts: [ReceivedBatch] {
        records.enumerated().map { index, record in
            ReceivedBatch(records: [record], position: index == records.count - 1 ? position : nil)
        }
    }
}

/// So many records wait for an operator that no more are set aside.
package struct DeadLettersFull: Error {}

/// What happens to records that arrive, apart from threads and retries: effects and position in one transaction, or neither.
package struct EventIntake<P: Participant>: Sendable {
    private let handler: EventHandler<P>
    private let positions: ReadPositions
    private let limit: DeadLetterLimit

    package init(
        handler: EventHandler<P>, positions: ReadPositions, limit: DeadLetterLimit = DeadLetterLimit(count: .max, bytes: .max)
    ) {
        self.handler = handler
        self.positions = positions
        self.limit = limit
    }

    package func examine(_ records: [IncomingRecord], position: (source: ServiceName, LogPosition)?) -> ReceivedBatch {
        ReceivedBatch(records: records.map { ($0, ExaminedRecord($0, at: P.service)) }, position: position)
    }

    /// Whether the batch has an effect and is to be handled. One that has none is passed over and needs no transaction.
    package func admits(_ batch: ReceivedBatch) -> Bool {
        let hasEffect = batch.records.contains(where: \.examined.hasEffect)
        if let (source, position) = batch.position {
            if hasEffect { positions.superseded(in: source) } else { positions.passedOver(to: position, in: source) }
        }
        return hasEffect
    }

    /// - Throws: a `StoreError` that is not the records' fault, or `DeadLettersFull`; the caller rolls back and tries again.
    package func handle(_ batch: ReceivedBatch, in transaction: Transaction) throws -> [HandledEvent] {
        let handled = try handler.handle(batch.records, in: transaction)
        if handled.contains(where: { $0.outcome == .deadLettered }), try transaction.exceeds(limit) { throw DeadLettersFull() }
        if let (source, position) = batch.position { try transaction.savePosition(position, in: source) }
        return handled
    }
}
