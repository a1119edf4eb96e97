import Logging
package import Saga
package import SagaStore
import Store
package import Systemd
package import Telemetry
package import Transport
import Wire

/// Takes what a transport delivers through the service's event handler, into the database.
///
/// What has no effect here is passed over without a commit; how far it reached is saved along with the next one, so after a crash it
/// is passed over again. While the database cannot be written it tries again for as long as it takes: nothing is dropped, nothing
/// becomes a dead letter for a reason that is not its own.
package struct EventPump<P: Participant>: EventConsumer {
    private let intake: EventIntake<P>
    private let database: Database
    private let health: Health
    private let log: Log
    private let metrics: EventMetrics
    private let pauses: Pauses
    private let tracer: SagaTracer?

    package init(
        handler: EventHandler<P>, database: Database, positions: ReadPositions, health: Health, log: Log, metrics: Metrics,
        pauses: Pauses = Pauses(), tracer: SagaTracer? = nil, limit: DeadLetterLimit = DeadLetterLimit(count: .max, bytes: .max)
    ) {
        intake = EventIntake(handler: handler, positions: positions, limit: limit)
        self.database = database
        self.health = health
        self.log = log
        self.metrics = EventMetrics(metrics, of: P.service)
        self.pauses = pauses
        self.tracer = tracer
    }

    package func consume(_ records: [IncomingRecord], position: (source: ServiceName, LogPosition)?) async throws -> Set<Int> {
        try await pauses.waitForConsumption()
        let batch = intake.examine(records, position: position)
        for case .unknownType(let name) in batch.records.lazy.map(\.examined) {
            metrics.ignored.add()
            log.record(.debug, "event of unknown type ignored", fields: ["event_type": String(name.prefix(64))])
        }
        guard intake.admits(batch) else { return [] }

        let start = tracer == nil ? nil : Timestamp.now
        let (handled, waiting) = try await handle(batch)
        for event in handled { log.handled(event) }
        if let tracer, let start { tracer.handled(handled, from: start, to: .now) }
        metrics.note(handled, at: .now)
        return waiting
    }

    /// As a whole, or where only some of it has room, as much as has.
    private func handle(_ batch: ReceivedBatch) async throws -> (handled: [HandledEvent], waiting: Set<Int>) {
        if let handled = try await tryToHandle(batch) { return (handled, []) }
        var handled: [HandledEvent] = []
        var (waiting, full) = (Set<Int>(), Set<String>())
        for (index, part) in batch.parts.enumerated() {
            let topic = part.records[0].record.topic
            if !full.contains(topic), let events = try await tryToHandle(part) {
                handled += events
            } else {
                full.insert(topic)
                waiting.insert(index)
            }
        }
        return (handled, waiting)
    }

    /// - Returns: nil where there is no room for what would be dead letters of it.
    private func tryToHandle(_ batch: ReceivedBatch) async throws -> [HandledEvent]? {
        var delay = Duration.milliseconds(50)
        while true {
            do {
                let handled = try await database.writer.write(isBounded: true) { [intake, pauses] transaction in
                    // Between having looked and now consumption may have been paused, and the operator been answered.
                    pauses.contains(.consumption) ? nil : try intake.handle(batch, in: transaction)
                }
                health.clear()
                if let handled { return handled }
                try await pauses.waitForConsumption()
            } catch is DeadLettersFull {
                return nil
            } catch let error as StoreError where error == .closed || error.isFinal {
                throw error
            } catch {
                health.report("events wait: \(error)")
                try await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(1))
            }
        }
    }
}
