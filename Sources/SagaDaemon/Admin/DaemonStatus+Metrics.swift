import AdminAPI
import HTTPTypes
import Hummingbird
import Saga
import SagaStore
import Store
import Systemd
import HTTPServer
import Telemetry
import Transport
import Wire

extension DaemonStatus {
    func addMetrics(to router: ServiceRouter) {
        router.on(.metrics) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: .init(string: try await metrics())))
        }
    }

    /// Everything that is counted and measured, in Prometheus' text format. What only grows begins at zero with each start.
    private func metrics() async throws -> String {
        let status = try await status()
        let (letters, own) = try await context.database.read { (try $0.deadLetterCounts(), try service.gauges(in: $0)) }
        return context.metrics.text(
            gauges: state(status) + events(status) + deadLetters(letters) + clients + database + own + ProcessMetrics.gauges())
    }

    private func state(_ status: ServiceStatus) -> [Gauge] {
        [
            Gauge("saga_build_info", "The version that runs.", 1, labels: ["version": Version.current]),
            Gauge("saga_ready", "1 while the daemon can do all of its work.", status.state == .ready ? 1 : 0),
            Gauge("saga_uptime_seconds", "Time since the start.", Double(status.uptimeSeconds ?? 0)),
            Gauge(
                "saga_transport_connected", "1 while the transport reaches everything it needs.",
                status.transport?.connected == true ? 1 : 0),
            Gauge(
                "saga_log_records_dropped_total", "Log records dropped since the start.", Double(context.log.sink.droppedCount),
                kind: .counter),
        ] + (status.orders ?? [:]).map { Gauge("saga_orders", "Orders by status.", Double($1), labels: ["status": $0]) }
    }

    private func events(_ status: ServiceStatus) -> [Gauge] {
        [
            Gauge("saga_outbox_pending", "Events not yet published.", Double(status.outbox?.pending ?? 0)),
            Gauge("saga_outbox_oldest_seconds", "Age of the oldest event not yet published.", Double(status.outbox?.oldestSeconds ?? 0)),
            Gauge(
                "saga_events_published_total", "Events that have reached everybody who reads them.", Double(outbox.publishedSinceStart),
                kind: .counter),
        ]
            + (transport.status.lags ?? [:]).map {
                Gauge("saga_lag_events", "Events of the others not yet applied here.", Double($1), labels: ["source": "\($0)"])
            }
    }

    private func deadLetters(_ counts: [DeadLetterKind: Int]) -> [Gauge] {
        DeadLetterKind.allCases.map {
            Gauge("saga_dead_letters", "Records that wait for an operator.", Double(counts[$0] ?? 0), labels: ["kind": $0.rawValue])
        }
    }

    private var clients: [Gauge] {
        places.flatMap { places in
            let labels: MetricLabels = ["listener": places.name]
            return [
                Gauge("saga_http_connections", "Connections of clients.", Double(places.count), labels: labels),
                Gauge("saga_http_waiting", "Requests that wait for something to happen.", Double(places.waiting), labels: labels),
            ]
        }
    }

    private var database: [Gauge] {
        [
            Gauge(
                "saga_database_refused_total", "Pieces of work refused since the start.", Double(context.database.writer.counts.refused),
                kind: .counter),
            Gauge("saga_wal_bytes", "Size of the write-ahead log.", Double((context.database.engine as? SQLiteEngine)?.logSize ?? 0)),
        ]
    }
}
