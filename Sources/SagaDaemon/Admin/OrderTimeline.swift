import AdminAPI
import Saga
import SagaStore
import Store
import Wire

/// One daemon's part of an order's timeline, from its inbox and outbox.
struct OrderTimeline<Service: SagaService>: Sendable {
    let service: Service
    let database: Database

    private var name: ServiceName { Service.Reactions.service }

    /// nil when this daemon never heard of the order.
    func trace(of order: OrderID) async throws -> DaemonTrace? {
        let (received, published, letters, standing) = try await database.read { snapshot in
            (
                try snapshot.inbox(of: order), try snapshot.outbox(of: order), try snapshot.deadLetters(of: order),
                try service.standing(of: order, in: snapshot)
            )
        }
        var steps = received.flatMap(steps) + published.flatMap(steps) + letters.map(step)
        guard !steps.isEmpty || standing != nil else { return nil }
        // Stable, so that what happened in the same microsecond stays in the order of cause and effect.
        steps = steps.enumerated().sorted { ($0.element.timeMicros, $0.offset) < ($1.element.timeMicros, $1.offset) }.map(\.element)
        return DaemonTrace(
            service: name, orderId: order.description, status: standing?.status,
            waitingFor: standing?.waitingFor.map(\.rawValue), heldBy: letters.first { $0.kind == .handlerFailed }?.id.description,
            steps: steps)
    }

    private func steps(_ entry: InboxEntry) -> [TraceStep] {
        var steps = [
            TraceStep(
                timeMicros: entry.receivedAt.microseconds, service: name, kind: .received, eventType: entry.type.rawValue,
                eventId: entry.eventID.description, causationId: entry.causation?.description,
                outcome: TraceStep.Outcome(rawValue: entry.outcome.rawValue))
        ]
        if let transition = entry.transition {
            steps.append(step(transition, at: entry.receivedAt, causation: entry.eventID))
        }
        if let duplicateAt = entry.duplicateAt {
            steps.append(
                TraceStep(
                    timeMicros: duplicateAt.microseconds, service: name, kind: .received, eventType: entry.type.rawValue,
                    eventId: entry.eventID.description, causationId: entry.causation?.description, outcome: .duplicate))
        }
        return steps
    }

    private func steps(_ event: OutboxEvent) -> [TraceStep] {
        let entry = event.entry
        let emitted = TraceStep(
            timeMicros: entry.occurredAt.microseconds, service: name, kind: .emitted, eventType: entry.type.rawValue,
            eventId: entry.eventID.description, causationId: entry.causation?.description)
        return [event.transition.map { step($0, at: entry.occurredAt, causation: nil) }, emitted].compactMap { $0 }
    }

    private func step(_ transition: Transition, at time: Timestamp, causation: EventID?) -> TraceStep {
        TraceStep(
            timeMicros: time.microseconds, service: name, kind: .transition, causationId: causation?.description, from: transition.from,
            to: transition.to)
    }

    private func step(_ letter: StoredDeadLetter) -> TraceStep {
        // What cannot be read has neither type nor id.
        let event: EventEnvelope? = if case .event(let event) = try? letter.record.decoded() { event } else { nil }
        return TraceStep(
            timeMicros: letter.createdAt.microseconds, service: name, kind: .received, eventType: event?.event.type.rawValue,
            eventId: event?.id.description, causationId: event?.causation?.description, outcome: .deadLettered,
            reason: letter.parkedBehind.map { "parked behind dead letter \($0)" } ?? letter.reason)
    }
}
