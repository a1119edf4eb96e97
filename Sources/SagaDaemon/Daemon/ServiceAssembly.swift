import Hummingbird
import Logging
package import HTTPServer
import Posix
package import Saga
package import SagaConfiguration
import SagaStore
package import Store
import Synchronization
package import Systemd
package import Telemetry
package import Transport
package import Wire

/// One service with its database, its part in the saga, its routes and its health: a daemon apart from its process and its addresses.
///
/// Made whole before anything listens. How events come and go is connected afterwards, since a transport hands what it receives to the
/// service.
package struct ServiceAssembly<Service: SagaService>: Sendable {
    package let service: Service
    package let context: ServiceContext
    package let lifecycle: Lifecycle
    package let health: Health
    /// Where the transport hands in what it receives.
    package let pump: EventPump<Service.Reactions>
    package let places: Places
    let pauses: Pauses
    let handler: EventHandler<Service.Reactions>
    let retention: RetentionWatch
    let lane: RepublishLane
    private let link: TransportLink

    package static var name: ServiceName { Service.Reactions.service }

    /// The places for connections, one kind of client each.
    package struct Places: Sendable {
        package let rest, admin, read, metrics: ConnectionPlaces

        package var all: [ConnectionPlaces] { [rest, admin, read, metrics] }
    }

    /// - Parameters:
    ///   - followers: who must have read an event before it counts as published.
    ///   - hooks: what the transport keeps in the database, in the order in which it is to be saved.
    ///   - waits: called with the reason, again and again while the server of the database is away.
    ///   - failed: called when the database can never be written again; must not return before the process is about to end.
    package init(
        configuration: Configuration, outbox: OutboxLog, hooks transportHooks: [any CommitHook], log: Log, metrics: Metrics = Metrics(),
        tracer: SagaTracer? = nil, waits: @Sendable (String) -> Void = { _ in }, clock: @escaping @Sendable () -> Timestamp = { .now },
        steadyClock: SteadyClock = .system,
        failed: @escaping @Sendable (StoreError) -> Void
    ) async throws {
        let name = Self.name
        let problems = Choreography.problems(of: name, hearing: Service.Reactions.Heard.self)
        precondition(problems.isEmpty, problems.joined(separator: "; "))

        // State: the outbox hears of every commit, so it is there before the database; the positions go along with commits.
        let positions = ReadPositions()
        let commits = CommitMetrics(metrics)
        let hooks: [any CommitHook] = [outbox, positions] + transportHooks
        let store = StoreKind(configuration)
        let engine = try store.engine(of: name, configuration)
        let database = try await store.open(waits: waits, log: log) {
            try Database(
                engine: engine, schema: Service.schema, clock: clock,
                makeTables: { transaction in for hook in hooks { try hook.makeTables(in: transaction) } },
                initialize: { try Service.initialize(configuration, in: $0) },
                prepareCommit: { transaction in for hook in hooks { try hook.save(in: transaction) } },
                committed: { outbox.appended($0.appended) },
                measured: { commits.note($0, jobs: $1) },
                failed: failed)
        }
        let changed = WakeUp()
        let pauses = Pauses { changed.call() }
        try await database.read { snapshot in
            try pauses.restore(from: snapshot)
            for hook in hooks { try hook.restore(from: snapshot) }
        }

        // The service's own part.
        let disk = DiskSpace(directory: "\(configuration.stateDirectory)/\(name)") {
            log.record(.error, $0, messageID: MessageID.diskAlmostFull)
        }
        context = ServiceContext(
            configuration: configuration, database: database, outbox: outbox, log: log,
            admission: Admission(outbox: outbox, backlogLimit: configuration.backlogLimit, disk: disk, pauses: pauses),
            clock: clock, steadyClock: steadyClock, metrics: metrics, tracer: tracer)
        let service = try Service(context: context)
        handler = EventHandler(service.reactions)

        // The clients.
        let shortage: @Sendable (String) -> Void = {
            log.record(.warning, $0)
            changed.call()
        }
        let requests = RequestMetrics(metrics, gate: service.gate)
        let places = Places(
            rest: metrics.places("rest", limit: ConnectionLimit.clients, requests: requests, shortage: shortage),
            admin: metrics.places("admin", limit: ConnectionLimit.operators, requests: requests, shortage: shortage),
            read: metrics.places("read", limit: ConnectionLimit.readers, requests: requests, shortage: shortage),
            metrics: metrics.places("metrics", limit: ConnectionLimit.scrapers, requests: requests, shortage: shortage))

        // How it is.
        let lifecycle = Lifecycle()
        let link = TransportLink()
        let retention = RetentionWatch(log: log, wallClock: clock)
        health = Health(
            lifecycle: lifecycle, outbox: outbox, backlogLimit: configuration.backlogLimit, transport: { link.transport?.status },
            conditions: {
                let deadLetters = await database.deadLettersCondition()
                let own = await service.conditions
                return [
                    disk.shortage, database.writer.trouble, service.gate?.condition, places.rest.condition, places.admin.condition,
                    places.read.condition,
                    places.metrics.condition, retention.doubt, deadLetters,
                    database.logCondition,
                ].compactMap(\.self) + pauses.reasons + own
            }, changed: changed)
        pump = EventPump(
            handler: handler, database: database, positions: positions, health: health, log: log, metrics: metrics,
            pauses: pauses, tracer: tracer,
            limit: DeadLetterLimit(count: configuration.deadLetters.limit, bytes: configuration.deadLetters.bytes.bytes))
        (self.service, self.places, self.lifecycle, self.link) = (service, places, lifecycle, link)
        (self.pauses, self.retention) = (pauses, retention)
        lane = RepublishLane(database: database, outbox: outbox, backlogLimit: configuration.backlogLimit, log: log)
    }

    package func connect(_ transport: any Transport) {
        link.connect(transport)
    }

    /// What answers on the service's addresses.
    package struct Routes: Sendable {
        /// To clients.
        package let rest: HTTPListener.Responder
        /// To operators, who may also do what clients do.
        package let operate: HTTPListener.Responder
        /// To scrapers.
        package let metrics: HTTPListener.Responder
    }

    /// - Parameters:
    ///   - effective: the configuration as it is at work.
    ///   - reread: reads it anew.
    package func routes(
        over transport: any Transport, effective: @escaping @Sendable () -> Configuration.Loaded,
        reread: @escaping @Sendable () throws -> Configuration.Loaded
    ) throws -> Routes {
        let log = context.log
        let healthRoutes = HealthRoutes(
            health: health, openAPI: try Service.document(),
            asyncAPI: AsyncAPIDocument(of: Self.name) { [context] in context.configuration.kafka.topics[$0] }.json,
            probe: context.database.writer.probe, awaySince: { [context] in context.database.writer.awaySince })
        let status = DaemonStatus(
            service: service, health: health, outbox: context.outbox, transport: transport, context: context, places: places.all,
            startedAt: .now)
        let adminRoutes = AdminRoutes(
            status: status, handler: handler, context: context, lane: lane,
            logLevel: LogLevelControl(log: log) { Logger.Level(effective().configuration.logLevel) },
            configuration: {
                var loaded = effective()
                // An operator may have changed it since.
                loaded.configuration.logLevel = LogLevel(rawValue: log.threshold.level.rawValue) ?? loaded.configuration.logLevel
                return loaded
            }, reread: reread)
        return Routes(
            rest: ServiceRouter.respondingWithProblems { router in
                healthRoutes.add(to: router)
                service.addRoutes(to: router)
            },
            operate: ServiceRouter.respondingWithProblems { router in
                healthRoutes.add(to: router)
                adminRoutes.add(to: router)
                PauseRoutes<Service>(pauses: pauses, context: context).add(to: router)
                BackupRoutes<Service>(context: context).add(to: router)
                service.addRoutes(to: router)
                service.addOperatorRoutes(to: router)
            },
            metrics: ServiceRouter.respondingWithProblems(status.addMetrics))
    }
}

/// Breaks the circle between health, which asks the transport, and the transport, which hands its records to what reports to health.
private final class TransportLink: Sendable {
    private let link = Mutex<(any Transport)?>(nil)

    var transport: (any Transport)? { link.withLock { $0 } }

    func connect(_ transport: any Transport) {
        link.withLock { $0 = transport }
    }
}
