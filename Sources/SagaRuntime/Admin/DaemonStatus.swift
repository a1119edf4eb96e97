import Systemd
import AdminAPI
import Glibc
import Saga
import SagaStore
import Telemetry
import Wire

/// What `GET /status` and `GET /metrics` say of this daemon.
struct DaemonStatus<Service: SagaService>: Sendable {
    let service: Service
    let health: Health
    let outbox: OutboxLog
    let transport: any Transport
    let context: ServiceContext
    let places: [ConnectionPlaces]
    let startedAt: ContinuousClock.Instant

    func status() throws -> ServiceStatus {
        context.database.writer.probe()
        let (state, reasons) = health.current()
        let transport = transport.status
        let backlog = outbox.backlog
        let published = outbox.published
        let (totals, oldest) = try context.database.read { snapshot in
            (try snapshot.totals(), backlog > 0 ? try snapshot.occurredAt(outboxSeq: published + 1) : nil)
        }
        return ServiceStatus(
            service: Service.Reactions.service, state: .init(state), version: Version.current, pid: getpid(),
            uptimeSeconds: Int((ContinuousClock.now - startedAt).components.seconds),
            transport: .init(kind: transport.kind, connected: transport.isConnected),
            outbox: .init(
                pending: Int(backlog), oldestSeconds: oldest.map { Int(max(0, context.clock().milliseconds - $0.milliseconds) / 1000) }),
            lag: transport.lag.map { Int($0) }, deadLetters: Int(totals["dead_letters"] ?? 0), orders: service.orderCounts(from: totals),
            reasons: reasons.isEmpty ? nil : reasons)
    }

    func metrics() throws -> String {
        let status = try status()
        let writer = context.database.writer.counts
        var gauges: [Gauge] = [
            .init("saga_ready", "1 while the daemon can do all of its work.", status.state == .ready ? 1 : 0),
            .init("saga_outbox_pending", "Events not yet published.", Double(status.outbox?.pending ?? 0)),
            .init("saga_outbox_oldest_seconds", "Age of the oldest event not yet published.", Double(status.outbox?.oldestSeconds ?? 0)),
            .init(
                "saga_transport_connected", "1 while the transport reaches everything it needs.",
                status.transport?.connected == true ? 1 : 0),
            .init("saga_uptime_seconds", "Time since the start.", Double(status.uptimeSeconds ?? 0)),
            .init("saga_database_commits", "Transactions committed since the start.", Double(writer.commits)),
            .init("saga_database_jobs", "Pieces of work committed since the start.", Double(writer.jobs)),
            .init("saga_database_refused", "Pieces of work refused since the start.", Double(writer.refused)),
            .init("saga_log_records_dropped", "Log records dropped since the start.", Double(context.log.sink.droppedCount)),
        ]
        if let lag = status.lag { gauges.append(.init("saga_lag_events", "Events of the others not yet applied here.", Double(lag))) }
        let letters = try context.database.read { try $0.deadLetterCounts() }
        for kind in DeadLetterKind.allCases {
            gauges.append(
                .init(
                    "saga_dead_letters", "Records that wait for an operator.", Double(letters[kind] ?? 0),
                    labels: ["kind": kind.rawValue]))
        }
        for places in places {
            gauges.append(
                .init("saga_http_connections", "Connections of clients.", Double(places.count), labels: ["listener": places.name]))
        }
        for places in places {
            gauges.append(
                .init(
                    "saga_http_waiting", "Requests that wait for something to happen.", Double(places.waiting),
                    labels: ["listener": places.name]))
        }
        for (status, count) in (status.orders ?? [:]).sorted(by: { $0.key < $1.key }) {
            gauges.append(.init("saga_orders", "Orders by status.", Double(count), labels: ["status": status]))
        }
        return context.metrics.text(gauges: gauges)
    }
}

extension ServiceStatus.State {
    fileprivate init(_ state: Health.State) {
        switch state {
        // Nobody can ask a daemon that is still starting; if one does, it is not ready yet.
        case .starting, .degraded: self = .degraded
        case .ready: self = .ready
        case .stopping: self = .stopping
        }
    }
}
