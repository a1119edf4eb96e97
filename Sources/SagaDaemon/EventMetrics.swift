import Saga
import SagaStore
import Store
import Telemetry
import Wire

/// What became of the events that came in, and how old they were when they had their effect.
struct EventMetrics: Sendable {
    let ignored: Counter
    private let applied: Counter
    private let ages: [EventType: Histogram]
    private let metrics: Metrics

    init(_ metrics: Metrics, of service: ServiceName) {
        self.metrics = metrics
        ignored = metrics.counter("saga_events_ignored_total", "Events of a type this version does not know.")
        applied = metrics.counter("saga_events_applied_total", "Events that had an effect here.")
        let ages = metrics.histogram("saga_event_age_seconds", "From the decision that an event is about until it had its effect here.")
        self.ages = Dictionary(
            uniqueKeysWithValues: Choreography.row(of: service).hears.map { ($0.trigger, ages[["type": $0.trigger.rawValue]]) })
    }

    /// A batch has many events and few kinds of them.
    func note(_ events: [HandledEvent], at now: Timestamp) {
        var counts: [EventType?: [HandledEvent.Outcome: Int64]] = [:]
        for event in events {
            counts[event.envelope?.event.type, default: [:]][event.outcome, default: 0] += 1
            guard event.outcome == .applied, let envelope = event.envelope else { continue }
            applied.add()
            // An event from elsewhere need not say when it happened.
            guard let time = envelope.time else { continue }
            ages[envelope.event.type]?.observe(.microseconds(now.microseconds - time.microseconds))
        }
        for (type, outcomes) in counts {
            for (outcome, count) in outcomes {
                metrics.count(
                    "saga_events_handled_total", "Events by type and what came of them.",
                    labels: ["type": type?.rawValue ?? "unreadable", "outcome": outcome.rawValue], by: count)
            }
        }
    }
}
