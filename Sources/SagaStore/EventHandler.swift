package import Saga
import Store
import Wire

/// A service's part in the saga over its own tables. Synchronous, over an open transaction: the same in a daemon and in a
/// simulation.
package protocol Participant: Sendable {
    associatedtype Heard: HeardEvent

    static var service: ServiceName { get }

    /// Loads what is known of the order, decides, saves.
    func react(to event: Heard, of order: OrderID, in transaction: Transaction) throws -> Handled

    /// The order is over, and nothing of it is to be kept: deletes what is held of it, unless that is not at rest.
    func purge(_ order: OrderID, in transaction: Transaction) throws -> PurgedHolding
}

extension Participant {
    package func purge(_: OrderID, in _: Transaction) -> PurgedHolding { .deleted(nil) }
}

/// What became of what a participant held of an order that was purged.
package enum PurgedHolding: Sendable, Equatable {
    /// With the status it had; nil where there was nothing.
    case deleted(String?)
    /// Stock or money is still to be settled: it stays.
    case unsettled(String)

    /// How it is called where statuses are shown.
    package static let name = "PURGED"
}

/// What a participant did about an event.
package struct Handled: Sendable, Equatable {
    package var outcome: ReactionOutcome
    package var transition: Transition?
    package var emissions: [Emission]
    /// Of the saga; nil where that is the event's.
    package var trace: TraceContext?

    package init<State>(_ reaction: Reaction<State>, trace: TraceContext? = nil) {
        outcome = reaction.outcome
        transition = reaction.transition
        emissions = reaction.emissions
        self.trace = trace
    }
}

/// What a record turned out to be, before anything is written: most of the work, and none of it in the transaction.
package enum ExaminedRecord: Sendable, Equatable {
    case event(EventEnvelope)
    /// An event this service does not react to; it leaves no trace.
    case passedOver(EventType)
    /// A type from a newer version; counted, and leaves no trace.
    case unknownType(String)
    /// Not an event: a dead letter.
    case unreadable(UnreadableRecord)

    /// Whether handling it writes anything.
    package var hasEffect: Bool {
        switch self {
        case .event, .unreadable: true
        case .passedOver, .unknownType: false
        }
    }

    package init(_ record: IncomingRecord, at service: ServiceName) {
        do throws(UnreadableRecord) {
            switch try record.decoded() {
            case .event(let envelope):
                let type = envelope.event.type
                self = Choreography.reacts(service, to: type) ? .event(envelope) : .passedOver(type)
            case .unknownType(let name): self = .unknownType(name)
            }
        } catch {
            self = .unreadable(error)
        }
    }
}

/// The durable shell around a participant: have I seen this event → decide → save → queue what to publish, all in one
/// transaction. A crash before the commit undoes all of it and the record is delivered again; after it, the inbox absorbs it.
package struct EventHandler<P: Participant>: Sendable {
    private let participant: P
    private let rules = EmissionRules(of: P.service)

    package init(_ participant: P) {
        self.participant = participant
    }

    /// Handles one event.
    ///
    /// - Throws: a `StoreError`, or what the participant threw; the caller rolls back.
    package func handle(_ envelope: EventEnvelope, in transaction: Transaction) throws -> HandledEvent {
        let event = envelope.event
        // The events of a batch are handled at one time. A microsecond between them keeps their timeline in order.
        defer { transaction.now.microseconds += 1 }
        if try transaction.hasReceived(envelope.id) {
            try transaction.markReceivedAgain(envelope.id)
            return .duplicate(envelope, [])
        }
        // Nothing is kept that would know it for a repetition.
        if try transaction.isPurged(event.orderID) { return .ignored(envelope) }
        if event.type == .orderPurged { return try purge(envelope, in: transaction) }

        // What does not concern this participant was passed over before, and a daemon whose enum and row disagree does not start.
        guard let heard = P.Heard(event) else { preconditionFailure("\(P.service) does not hear \(event.type)") }
        transaction.gathered.cause = (envelope.id, envelope.trace)
        defer { transaction.gathered.cause = nil }
        let handled = try participant.react(to: heard, of: event.orderID, in: transaction)
        for emission in handled.emissions {
            try rules.require(emission.event, on: event.type)
            if handled.outcome == .alreadyApplied, try transaction.appendAgain(emission.id, of: event.orderID) { continue }
            // Who began the trace keeps to it; the others go on with the one that reached them.
            try transaction.append(emission, causation: envelope.id, trace: handled.trace ?? envelope.trace)
        }
        var envelope = envelope
        if let trace = handled.trace, trace != envelope.trace {
            (envelope.trace, envelope.parent) = (trace, TraceContext.span(of: event.orderID))
        }
        let result: HandledEvent =
            switch handled.outcome {
            case .applied: .applied(envelope, handled.transition, handled.emissions)
            case .alreadyApplied: .duplicate(envelope, handled.emissions)
            case .notApplicable: .ignored(envelope)
            }
        try transaction.markReceived(envelope, result.outcome, result.transition)
        return result
    }

    /// Deletes what is held of the order, and leaves the mark that it was here. What was received and published of it goes with the
    /// retention, as everything does.
    private func purge(_ envelope: EventEnvelope, in transaction: Transaction) throws -> HandledEvent {
        let order = envelope.event.orderID
        switch try participant.purge(order, in: transaction) {
        case .deleted(let status):
            try transaction.markPurged(order)
            let transition = status.map { Transition(from: $0, to: PurgedHolding.name) }
            try transaction.markReceived(envelope, .applied, transition)
            return .applied(envelope, transition, [])
        case .unsettled:
            // Said again when somebody has settled it.
            return .ignored(envelope)
        }
    }

    /// Handles a batch of records in one transaction; those without effect are left out of the result.
    ///
    /// One that cannot be handled for a reason of its own becomes a dead letter, the later events of its order are parked behind it,
    /// and the others go on.
    /// - Throws: a `StoreError` that is not the records' fault; the caller rolls back and tries again.
    package func handle(_ batch: [(record: IncomingRecord, examined: ExaminedRecord)], in transaction: Transaction) throws -> [HandledEvent]
    {
        do {
            return try transaction.attempt { transaction in
                try batch.compactMap { try handle($0.record, $0.examined, in: transaction) }
            }
        } catch let error as StoreError where error.isInfrastructure {
            throw error
        } catch {
            // Where an error has ended the whole transaction, nothing can be kept in it.
            guard transaction.isUsable else { throw error }
            return try batch.compactMap { try handleAlone($0.record, $0.examined, in: transaction) }
        }
    }

    private func handle(_ record: IncomingRecord, _ examined: ExaminedRecord, in transaction: Transaction) throws -> HandledEvent? {
        switch examined {
        case .event(let envelope):
            // What was received before has had its effect, whatever waits now.
            if let holder = try transaction.holder(of: envelope.event.orderID), try !transaction.hasReceived(envelope.id) {
                return try park(record, envelope, behind: holder, in: transaction)
            }
            return try handle(envelope, in: transaction)
        case .unreadable(let unreadable):
            try transaction.bury(record, unreadable)
            return .deadLettered(nil, DeadLetterCause(kind: unreadable.kind, reason: unreadable.reason, place: record.place))
        case .passedOver, .unknownType: return nil
        }
    }

    private func park(
        _ record: IncomingRecord, _ envelope: EventEnvelope, behind holder: DeadLetterID, in transaction: Transaction
    ) throws(StoreError) -> HandledEvent {
        defer { transaction.now.microseconds += 1 }
        try transaction.park(record, envelope)
        return .deadLettered(envelope, DeadLetterCause(kind: .parked, reason: "parked behind \(holder)", place: record.place))
    }

    private func handleAlone(
        _ record: IncomingRecord, _ examined: ExaminedRecord, in transaction: Transaction
    ) throws -> HandledEvent? {
        do {
            return try transaction.attempt { try handle(record, examined, in: $0) }
        } catch let error as StoreError where error.isInfrastructure {
            throw error
        } catch {
            guard case .event(let envelope) = examined, transaction.isUsable else { throw error }
            try transaction.bury(record, envelope, reason: "\(error)")
            return .deadLettered(envelope, DeadLetterCause(kind: .handlerFailed, reason: "\(error)", place: record.place))
        }
    }
}
