package import Saga
package import SagaStore

/// Records of one source as they arrived, looked into.
package struct ReceivedBatch: Sendable {
    package var records: [(record: IncomingRecord, examined: ExaminedRecord)]
    /// How far into the source's log they reach.
    package var position: (source: ServiceName, LogPosition)?
}

/// What happens to records that arrive, apart from threads and retries: effects and position in one transaction, or neither.
package struct EventIntake<P: Participant>: Sendable {
    private let handler: EventHandler<P>
    private let positions: ReadPositions

    package init(handler: EventHandler<P>, positions: ReadPositions) {
        self.handler = handler
        self.positions = positions
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

    /// - Throws: a `StoreError` that is not the records' fault; the caller rolls back and tries again.
    package func handle(_ batch: ReceivedBatch, in transaction: Transaction) throws -> [HandledEvent] {
        let handled = try handler.handle(batch.records, in: transaction)
        if let (source, position) = batch.position { try transaction.savePosition(position, in: source) }
        return handled
    }
}
