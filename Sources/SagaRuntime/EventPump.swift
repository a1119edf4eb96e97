import Logging
package import Saga
package import SagaStore
import Synchronization
package import Systemd

/// Takes what a transport delivers through the service's event handler, into the database.
///
/// What has no effect here is passed over without a commit; how far it reached is saved along with the next effect, so after a crash it
/// is passed over again. While the database cannot be written it tries again for as long as it takes: nothing is dropped, nothing
/// becomes a dead letter for a reason that is not its own.
package struct EventPump<P: Participant>: EventConsumer {
    private let handler: EventHandler<P>
    private let database: Database
    private let health: Health
    private let log: Log
    private let metrics: Metrics
    private let passedOver = PassedOver()

    package init(handler: EventHandler<P>, database: Database, health: Health, log: Log, metrics: Metrics) {
        self.handler = handler
        self.database = database
        self.health = health
        self.log = log
        self.metrics = metrics
        metrics.count("saga_events_ignored_total", "Events of a type this version does not know.", by: 0)
    }

    package func consume(_ records: [IncomingRecord], position: (source: ServiceName, LogPosition)?) async throws {
        let batch = records.map { (record: $0, examined: ExaminedRecord($0, at: P.service)) }
        for case .unknownType(let name) in batch.lazy.map(\.examined) {
            metrics.count("saga_events_ignored_total", "Events of a type this version does not know.")
            log.record(.debug, "event of unknown type ignored", fields: ["event_type": String(name.prefix(64))])
        }
        guard batch.contains(where: \.examined.hasEffect) || passedOver.isDue(records.count, of: position?.source) else { return }

        for event in try await handle(batch, position: position) {
            metrics.count(
                "saga_events_handled_total", "Events by type and what came of them.",
                labels: "type=\"\(event.envelope?.event.type.rawValue ?? "unreadable")\",outcome=\"\(event.outcome.rawValue)\"")
            log.handled(event)
        }
    }

    private func handle(
        _ batch: [(record: IncomingRecord, examined: ExaminedRecord)], position: (source: ServiceName, LogPosition)?
    ) async throws -> [HandledEvent] {
        var delay = Duration.milliseconds(50)
        while true {
            do {
                let handled = try await database.writer.write(isBounded: true) { [handler] transaction in
                    let handled = try handler.handle(batch, in: transaction)
                    if let (source, position) = position { try transaction.savePosition(position, in: source) }
                    return handled
                }
                health.clear(.database)
                return handled
            } catch let error as StoreError where error == .closed || error.isFinal {
                throw error
            } catch {
                health.report(.database, "events wait: \(error)")
                try await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(1))
            }
        }
    }
}

/// How many records of each source were passed over since the position was saved: now and then it is saved for their sake alone.
private final class PassedOver: Sendable {
    private let counts = Mutex<[ServiceName?: Int]>([:])
    private static let most = 10_000

    func isDue(_ count: Int, of source: ServiceName?) -> Bool {
        counts.withLock { counts in
            let total = counts[source, default: 0] + count
            counts[source] = total < PassedOver.most ? total : 0
            return source != nil && total >= PassedOver.most
        }
    }
}
