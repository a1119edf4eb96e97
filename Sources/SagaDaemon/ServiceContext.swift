import HTTPTypes
package import Logging
package import Saga
package import SagaConfiguration
package import SagaStore
package import Systemd
package import Telemetry
import Synchronization
package import Posix
package import Wire
package import Transport
import HTTPServer

/// What a service's own code gets from the daemon around it.
package struct ServiceContext: Sendable {
    package let configuration: Configuration
    package let database: Database
    package let outbox: OutboxLog
    package let log: Log
    package let admission: Admission
    /// What people call the time.
    package let clock: @Sendable () -> Timestamp
    /// What is due is due by this one.
    package let steadyClock: SteadyClock
    package let metrics: Metrics
    /// nil where nothing is exported.
    package let tracer: SagaTracer?

    package init(
        configuration: Configuration, database: Database, outbox: OutboxLog, log: Log, admission: Admission,
        clock: @escaping @Sendable () -> Timestamp, steadyClock: SteadyClock = .system,
        metrics: Metrics, tracer: SagaTracer? = nil
    ) {
        self.configuration = configuration
        self.database = database
        self.outbox = outbox
        self.log = log
        self.admission = admission
        self.clock = clock
        self.steadyClock = steadyClock
        self.metrics = metrics
        self.tracer = tracer
    }

    /// Says what a client, a deadline or an operator, not an event, made this service decide: in the log and in the order's trace.
    package func decided(
        _ what: String, order: OrderID, _ trace: TraceContext, _ handled: Handled, level: Logger.Level = .info, messageID: String? = nil
    ) {
        log.decided(what, order: order, trace, handled, level: level, messageID: messageID)
        tracer?.decided(order, trace, handled, at: clock())
    }
}

/// Whether new orders are taken on: not while an operator has paused that, while more events wait to be published than is allowed, or while the disk is almost full. Those
/// that come before the last connection is closed are taken on, also while the daemon stops: they are finished after the next start.
package struct Admission: Sendable {
    private let outbox: OutboxLog
    private let backlogLimit: Int64
    private let disk: DiskSpace
    private let pauses: Pauses

    package init(outbox: OutboxLog, backlogLimit: Int, disk: DiskSpace, pauses: Pauses) {
        self.outbox = outbox
        self.backlogLimit = Int64(backlogLimit)
        self.disk = disk
        self.pauses = pauses
    }

    /// - Throws: a 503 that says why.
    package func requireRoom() throws {
        if pauses.contains(.intake) {
            throw ProblemError(
                .serviceUnavailable, "no new orders are taken in for now: an operator has paused that", headers: [.retryAfter: "30"])
        }
        let backlog = outbox.backlog
        guard backlog <= backlogLimit else {
            throw ProblemError.unavailable("\(backlog) events wait to be published, more than the backlog limit of \(backlogLimit)")
        }
        if let shortage = disk.shortage { throw ProblemError.unavailable(shortage) }
    }
}

/// Where the daemon is in its life; it only moves forward.
package final class Lifecycle: Sendable {
    package enum Phase: Int, Sendable, Comparable {
        case starting, running, stopping

        package static func < (a: Phase, b: Phase) -> Bool { a.rawValue < b.rawValue }
    }

    private let current = Mutex(Phase.starting)

    package init() {}

    package var phase: Phase { current.withLock { $0 } }

    package func enter(_ phase: Phase) {
        current.withLock { $0 = max($0, phase) }
    }
}
