import Systemd
import AdminAPI
import Glibc
import Saga
import SagaStore
import Store
import Synchronization
import Wire
import Transport
import HTTPServer

/// What `GET /status` says of this daemon, and `GET /metrics`.
struct DaemonStatus<Service: SagaService>: Sendable {
    let service: Service
    let health: Health
    let outbox: OutboxLog
    let transport: any Transport
    let context: ServiceContext
    let places: [ConnectionPlaces]
    let startedAt: ContinuousClock.Instant
    private let known = Known()

    func status() async throws -> ServiceStatus {
        context.database.writer.probe()
        let (state, reasons) = await health.current()
        let transport = transport.status
        let backlog = outbox.backlog
        let published = outbox.published
        let (totals, oldest, lane) = try await known.latest {
            try await context.database.read { snapshot in
                (
                    try snapshot.totals(), backlog > 0 ? try snapshot.occurredAt(outboxSeq: published + 1) : nil,
                    try snapshot.laneWaiting()
                )
            }
        }
        return ServiceStatus(
            service: Service.Reactions.service, state: .init(state), version: Version.current, pid: getpid(),
            uptimeSeconds: Int((ContinuousClock.now - startedAt).components.seconds),
            transport: .init(kind: transport.kind, connected: transport.isConnected),
            outbox: .init(
                pending: Int(backlog), oldestSeconds: oldest.map { Int(max(0, context.clock().milliseconds - $0.milliseconds) / 1000) },
                republishing: lane > 0 ? Int(lane) : nil),
            lag: transport.lag.map { Int($0) }, deadLetters: Int(totals["dead_letters"] ?? 0), orders: service.orderCounts(from: totals),
            reasons: reasons.isEmpty ? nil : reasons)
    }
}

/// What was read last: while the database is away, a daemon tells that with what it knew before.
private final class Known: Sendable {
    typealias Counts = (totals: [String: Int64], oldest: Timestamp?, lane: Int64)

    private let counts = Mutex<Counts>(([:], nil, 0))

    func latest(_ read: () async throws -> Counts) async throws -> Counts {
        do {
            let latest = try await read()
            counts.withLock { $0 = latest }
            return latest
        } catch StoreError.unavailable {
            return counts.withLock { $0 }
        }
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
