package import Saga

/// A service's part in the saga over its own tables. Synchronous, over an open transaction: the same in a daemon and in a
/// simulation.
package protocol Participant: Sendable {
    static var service: ServiceName { get }

    /// Loads what is known of the order, decides, saves.
    func react(to event: SagaEvent, in transaction: Transaction) throws -> Handled
}

/// What a participant did about an event.
package struct Handled: Sendable, Equatable {
    package var outcome: ReactionOutcome
    package var transition: Transition?
    package var emissions: [Emission]

    package init<State>(_ reaction: Reaction<State>) {
        outcome = reaction.outcome
        transition = reaction.transition
        emissions = reaction.emissions
    }
}

/// What became of a record, for the log and the metrics.
package struct HandledRecord: Sendable {
    package enum Outcome: String, Sendable {
        case applied, duplicate, ignored
        case deadLettered = "dead-lettered"
        /// An event of a type this service does not react to; it leaves no trace.
        case passedOver
        case unknownType
    }

    package var outcome: Outcome
    package var envelope: EventEnvelope?
    package var transition: Transition?
    package var emissions: [Emission] = []
    /// For a dead letter, why.
    package var reason: String?
}

/// The durable shell around a participant: have I seen this event → decide → save → queue what to tell the others, all in one
/// transaction. A crash before the commit undoes all of it and the record is delivered again; after it, the inbox absorbs it.
package struct EventHandler<P: Participant>: Sendable {
    private let participant: P

    package init(_ participant: P) {
        self.participant = participant
    }

    /// Handles one record.
    ///
    /// - Throws: a `StoreError`, or what the participant threw; the caller rolls back. A record that cannot be read does not throw:
    ///   it becomes a dead letter.
    package func handle(_ record: IncomingRecord, in transaction: Transaction) throws -> HandledRecord {
        let decoded: IncomingRecord.Decoded
        do {
            decoded = try record.decoded()
        } catch {
            try transaction.bury(record, orderID: nil, reason: error.description)
            return HandledRecord(outcome: .deadLettered, reason: error.description)
        }
        switch decoded {
        case .unknownType(let name): return HandledRecord(outcome: .unknownType, reason: name)
        case .event(let envelope): return try handle(envelope, in: transaction)
        }
    }

    package func handle(_ envelope: EventEnvelope, in transaction: Transaction) throws -> HandledRecord {
        let event = envelope.event
        guard Choreography.reacts(P.service, to: event.type) else { return HandledRecord(outcome: .passedOver, envelope: envelope) }
        guard try transaction.markReceived(envelope) else { return HandledRecord(outcome: .duplicate, envelope: envelope) }

        let handled = try participant.react(to: event, in: transaction)
        for emission in handled.emissions {
            if handled.outcome == .alreadyApplied, try transaction.appendAgain(emission.id, of: event.orderID) { continue }
            // The order service began the trace with the order's id; the others go on with the one that reached them.
            let trace = P.service == .order ? TraceContext(order: event.orderID) : envelope.trace
            try transaction.append(emission, causation: envelope.id, trace: trace)
        }
        let outcome: HandledRecord.Outcome =
            switch handled.outcome {
            case .applied: .applied
            case .alreadyApplied: .duplicate
            case .notApplicable: .ignored
            }
        if outcome != .applied || handled.transition != nil {
            try transaction.recordOutcome(of: envelope.id, outcome, handled.transition)
        }
        return HandledRecord(outcome: outcome, envelope: envelope, transition: handled.transition, emissions: handled.emissions)
    }
}
