package import Saga
import Store
import Wire

/// What an operator's decision about a dead letter led to.
package enum SettledDeadLetter: Sendable, Equatable {
    /// There is no such dead letter.
    case unknown
    /// Nothing was done: the one at the head of the order's queue comes first.
    case parked(behind: DeadLetterID)
    /// Tried, and failed again. It stays.
    case failed(reason: String)
    /// It is gone.
    ///
    /// - Parameters:
    ///   - event: what became of it; nil when it was discarded, or does not concern this service.
    ///   - followers: what became of those parked behind it, in order, up to the first that failed.
    ///   - heldBy: the one that failed. It is the new head of the queue, behind which the rest stays parked.
    case settled(event: HandledEvent?, followers: [HandledEvent], heldBy: DeadLetterID?)
}

/// Retrying and discarding: all in one transaction, so that a crash leaves the queue as it was or as it is to be.
extension EventHandler {
    /// Handles a dead letter through the inbox like any delivery, so that retrying is always safe; then what is parked behind it.
    ///
    /// - Throws: a `StoreError` that is not the record's fault; the caller rolls back.
    package func retry(_ id: DeadLetterID, in transaction: Transaction) throws -> SettledDeadLetter {
        guard let letter = try transaction.deadLetter(id) else { return .unknown }
        switch ExaminedRecord(letter.record, at: P.service) {
        case .unreadable(let unreadable):
            try transaction.noteFailedRetry(of: id, unreadable)
            return .failed(reason: unreadable.reason)
        case .passedOver, .unknownType:
            return try settle(letter, event: nil, in: transaction)
        case .event(let envelope):
            if let holder = try transaction.queueHead(of: envelope.event.orderID), holder != id { return .parked(behind: holder) }
            let handled = try tried(letter, envelope, in: transaction)
            if let cause = handled.cause { return .failed(reason: cause.reason) }
            return try settle(letter, event: handled, in: transaction)
        }
    }

    /// Gives a dead letter up: its event is skipped. What is parked behind it is handled.
    package func discard(_ id: DeadLetterID, in transaction: Transaction) throws -> SettledDeadLetter {
        guard let letter = try transaction.deadLetter(id) else { return .unknown }
        return try settle(letter, event: nil, in: transaction)
    }

    private func settle(
        _ letter: StoredDeadLetter, event: HandledEvent?, in transaction: Transaction
    ) throws -> SettledDeadLetter {
        _ = try transaction.resolveDeadLetter(letter.id)
        var followers: [HandledEvent] = []
        guard let order = letter.orderID else { return .settled(event: event, followers: followers, heldBy: nil) }
        while let next = try transaction.queueHead(of: order).flatMap(transaction.deadLetter), next.kind == .parked {
            switch ExaminedRecord(next.record, at: P.service) {
            case .event(let envelope):
                followers.append(try tried(next, envelope, in: transaction))
                if followers.last?.outcome == .deadLettered { return .settled(event: event, followers: followers, heldBy: next.id) }
            // Another version of the program put them there.
            case .unreadable(let unreadable):
                try transaction.noteFailedRetry(of: next.id, order: order, reason: unreadable.reason)
                return .settled(event: event, followers: followers, heldBy: next.id)
            case .passedOver, .unknownType: break
            }
            _ = try transaction.resolveDeadLetter(next.id)
        }
        return .settled(event: event, followers: followers, heldBy: nil)
    }

    /// Handles the head of an order's queue. If that fails it stays where it is.
    private func tried(
        _ letter: StoredDeadLetter, _ envelope: EventEnvelope, in transaction: Transaction
    ) throws -> HandledEvent {
        do {
            return try transaction.attempt { try handle(envelope, in: $0) }
        } catch let error as StoreError where error.isInfrastructure {
            throw error
        } catch {
            try transaction.noteFailedRetry(of: letter.id, order: envelope.event.orderID, reason: "\(error)")
            return .deadLettered(envelope, DeadLetterCause(kind: .handlerFailed, reason: "\(error)", place: letter.record.place))
        }
    }
}
