import UnixSignals
import Glibc
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import Ownership
import Saga
package import SagaConfiguration
import SagaStore
package import Store
import ServiceLifecycle
import Synchronization
package import Systemd
import Telemetry
import Posix
import Wire
import Transport
import KafkaTransport
import HTTPServer

/// One daemon of the suite, assembled: its database, its transport, its listeners.
///
/// Made by `Daemon.build`, run once. Nothing listens and nothing is locked any more once `run` has returned.
package struct Daemon: Sendable {
    private let services: [ServiceGroupConfiguration.ServiceConfiguration]
    private let logger: Logger
    private let database: Database
    private let lifecycle: Lifecycle

    /// Opens everything a daemon needs, in the order in which a failure tells most: the database, then the listeners.
    ///
    /// - Parameters:
    ///   - reread: reads the configuration anew, for SIGHUP.
    ///   - failed: called when the database can never be written again; must not return before the process is about to end.
    /// - Throws: `StoreError` (another instance, damaged, newer schema), `UntrustedPath`, `ListenError` or `UnixSocketError`.
    package static func build<Service: SagaService>(
        _: Service.Type, configuration loaded: Configuration.Loaded, reread: @escaping @Sendable () throws -> Configuration.Loaded,
        log: Log,
        notifier: SystemdNotifier, inherited: ListenFDs, failed: @escaping @Sendable (StoreError) -> Void
    ) async throws -> Daemon {
        let configuration = loaded.configuration
        // Before anything else, as SIGHUP ends a process that does not expect it.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let name = Service.Reactions.service
        let problems = Choreography.problems(of: name, hearing: Service.Reactions.Heard.self)
        precondition(problems.isEmpty, problems.joined(separator: "; "))
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = log.logger(label: "sagad.\(name)")
        let clock: @Sendable () -> Timestamp = { .now }

        // State: the outbox hears of every commit, so it is there before the database; the positions go along with commits.
        let kind = TransportKind(configuration)
        let outbox = OutboxLog(followers: kind.followers(of: name))
        let positions = ReadPositions()
        let metrics = Metrics()
        let commits = CommitMetrics(metrics)
        let (tracer, exporter) = SagaTracer.make(service: name, configuration: configuration, metrics: metrics, log: log)
        let state = kind.state(of: outbox)
        let hooks: [any CommitHook] = [outbox, positions] + state.hooks
        let database = try Database(
            directory: "\(configuration.stateDirectory)/\(name)", schema: Service.schema, clock: clock,
            makeTables: { transaction in for hook in hooks { try hook.makeTables(in: transaction) } },
            initialize: { try Service.initialize(configuration, in: $0) },
            prepareCommit: { transaction in for hook in hooks { try hook.save(in: transaction) } },
            committed: { outbox.appended($0.appended) },
            measured: { commits.note($0, jobs: $1) },
            failed: failed)
        let changed = WakeUp()
        let pauses = Pauses { changed.call() }
        try await database.read { snapshot in
            try pauses.restore(from: snapshot)
            for hook in hooks { try hook.restore(from: snapshot) }
        }

        // The service's own part.
        let lifecycle = Lifecycle()
        let disk = DiskSpace(directory: "\(configuration.stateDirectory)/\(name)") {
            log.record(.error, $0, messageID: MessageID.diskAlmostFull)
        }
        let context = ServiceContext(
            configuration: configuration, database: database, outbox: outbox, log: log,
            admission: Admission(outbox: outbox, backlogLimit: configuration.backlogLimit, disk: disk, pauses: pauses),
            clock: clock, metrics: metrics, tracer: tracer)
        let service = try Service(context: context)
        let handler = EventHandler(service.reactions)

        let shortage: @Sendable (String) -> Void = {
            log.record(.warning, $0)
            changed.call()
        }
        let requests = RequestMetrics(metrics, gate: service.gate)
        let places = (
            rest: metrics.places("rest", limit: ConnectionLimit.clients, requests: requests, shortage: shortage),
            admin: metrics.places("admin", limit: ConnectionLimit.operators, requests: requests, shortage: shortage),
            read: metrics.places("read", limit: ConnectionLimit.readers, requests: requests, shortage: shortage),
            metrics: metrics.places("metrics", limit: ConnectionLimit.scrapers, requests: requests, shortage: shortage)
        )
        let retention = RetentionWatch(log: log, wallClock: clock)

        // How events come and go.
        let link = TransportLink()
        let health = Health(
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
        let pump = EventPump(
            handler: handler, database: database, positions: positions, health: health, log: log, metrics: metrics,
            pauses: pauses, tracer: tracer,
            limit: DeadLetterLimit(count: configuration.deadLetters.limit, bytes: configuration.deadLetters.bytes.bytes))
        let runtimeDirectory = "\(configuration.runtimeDirectory)/\(name)"
        // The mode of the process's files is for state; the sockets in here have modes of their own.
        try OwnDirectory.make(runtimeDirectory, mode: 0o755)
        let adminSocket = "\(runtimeDirectory)/admin.sock"
        // Of all that another instance has, this is what an operator knows it by.
        try UnixSocketAddress(adminSocket).makeFree()
        let transport = try await state.makeTransport(
            service: name, configuration: configuration, database: database, outbox: outbox, consumer: pump, group: group, log: log,
            changed: health.changed)
        link.connect(transport)

        // What the outside talks to.
        let effective = Mutex(loaded)
        let healthRoutes = HealthRoutes(
            health: health, openAPI: try Service.document(),
            asyncAPI: AsyncAPIDocument(of: name) { configuration.kafka.topics[$0] }.json, probe: database.writer.probe)
        let status = DaemonStatus(
            service: service, health: health, outbox: outbox, transport: transport, context: context,
            places: [places.rest, places.admin, places.read, places.metrics],
            startedAt: .now)
        let lane = RepublishLane(
            database: database, outbox: outbox, backlogLimit: configuration.backlogLimit, log: log)
        let adminRoutes = AdminRoutes(
            status: status, handler: handler, context: context, lane: lane,
            logLevel: LogLevelControl(log: log) { Logger.Level(effective.withLock { $0.configuration.logLevel }) },
            configuration: {
                var loaded = effective.withLock { $0 }
                // An operator may have changed it since.
                loaded.configuration.logLevel = LogLevel(rawValue: log.threshold.level.rawValue) ?? loaded.configuration.logLevel
                return loaded
            }, reread: reread)
        let operate = ServiceRouter.respondingWithProblems { router in
            healthRoutes.add(to: router)
            adminRoutes.add(to: router)
            PauseRoutes<Service>(pauses: pauses, context: context).add(to: router)
            BackupRoutes<Service>(context: context).add(to: router)
            service.addRoutes(to: router)
            service.addOperatorRoutes(to: router)
        }
        let admin = try await HTTPListener.bind(
            .unix(path: adminSocket), group: group, logger: logger, places: places.admin, responder: operate)
        let read = try await HTTPListener.bind(
            .unix(path: "\(runtimeDirectory)/read.sock", group: UnixSocketAddress.readersGroup), group: group, logger: logger,
            places: places.read, responder: ServiceRouter.onlyReading(operate))
        let http = configuration.http[name]
        let rest = try await HTTPListener.bind(
            inherited.descriptors(named: "rest").first.map { .inherited(descriptor: $0) } ?? .tcp(host: http.host, port: http.port),
            group: group, logger: logger, places: places.rest, gate: service.gate,
            browsers: BrowserRule(allowedHosts: configuration.allowedHosts),
            responder: ServiceRouter.respondingWithProblems { router in
                healthRoutes.add(to: router)
                service.addRoutes(to: router)
            })

        let metricsAddress = configuration.metrics[name]
        let scrapes: HTTPListener? =
            metricsAddress.port == 0
            ? nil
            : try await HTTPListener.bind(
                .tcp(host: metricsAddress.host, port: metricsAddress.port), group: group, logger: logger, places: places.metrics,
                browsers: BrowserRule(allowedHosts: configuration.allowedHosts),
                responder: ServiceRouter.respondingWithProblems(status.addMetrics))

        if let port = rest.localAddress?.port, port != http.port {
            log.record(.warning, "the socket unit listens on port \(port); \(name).http.port, which is \(http.port), is not used")
        }

        let reload = ReloadOnHangup(
            hangups: hangups, lifecycle: lifecycle, read: reread,
            apply: { latest in
                let others = Set(ServiceName.allCases.filter { $0 != name }.map(\.rawValue))
                defer { service.reload(latest.configuration) }
                return effective.withLock { effective in
                    effective.configuration.logLevel = latest.configuration.logLevel
                    effective.configuration.order.deadline = latest.configuration.order.deadline
                    for path in [["logLevel"], ["order", "deadline"]] { effective.origins[path] = latest.origins[path] }
                    return effective.configuration.keysNeedingRestart(comparedTo: latest.configuration, ignoring: others)
                }
            }, notifier: notifier, log: log)
        let watchdog = Watchdog(
            vitals: [
                WatchdogVital("writer") {
                    // A database that is locked or full answers too: that is trouble, but no hang.
                    _ = try? await database.writer.write(isBounded: true) { _ in }
                    return true
                },
                WatchdogVital("http") { (try? await group.any().submit {}.get()) != nil },
            ] + transport.vitals, notifier: notifier, logger: logger)

        // The whole daemon, in the order of starting; it is stopped from the end.
        let exporters: [any ServiceLifecycle.Service] = exporter.map { [$0] } ?? []
        let services: [any ServiceLifecycle.Service] =
            exporters + [  // spans of traces, those of the others' ends among them
                transport,  // publishes and receives
                // deletes what retention no longer keeps
                Housekeeping(service: service, outbox: outbox, watch: retention, context: context),
                lane,  // publishes again, beside the live events
                StateWatch(database: database, log: log),  // ends the daemon when its files are taken away
                admin,  // the operator
                read,  // who may look
                rest,  // the clients
            ] + (scrapes.map { [$0] } ?? []) + service.services + [  // what this service does of itself
                reload,  // SIGHUP
                StatusReporter(health: health, notifier: notifier, log: log, eventLoop: group.any()),
                watchdog,  // WATCHDOG=1 while all of it makes progress
                // READY=1, STOPPING=1
                ReadyAnnouncement(lifecycle: lifecycle, health: health, notifier: notifier, log: log) { await transport.settled() },
            ]
        return Daemon(
            // A part that ends by itself or fails takes the daemon with it: never half alive.
            services: services.map {
                .init(service: $0, successTerminationBehavior: .cancelGroup, failureTerminationBehavior: .cancelGroup)
            },
            logger: logger, database: database, lifecycle: lifecycle)
    }

    /// Runs until SIGTERM or SIGINT, then ends cleanly: at most 8 seconds for what is in hand.
    package func run() async throws {
        // It describes each service with all that is in it, down to the configuration and its secrets. What fails is logged here.
        var silent = logger
        silent.logLevel = .critical
        var configuration = ServiceGroupConfiguration(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: silent)
        configuration.maximumGracefulShutdownDuration = .seconds(8)
        let result: Result<Void, any Error>
        do {
            try await ServiceGroup(configuration: configuration).run()
            result = .success(())
        } catch is CancellationError where lifecycle.phase == .stopping {
            // Not all of it ended in time. What was not finished is in the outbox and goes on with the next start.
            result = .success(())
        } catch {
            result = .failure(error)
        }
        // How far the others have come is saved along with a commit: this is the last one.
        _ = try? await database.writer.write(isBounded: true) { _ in }
        database.close()
        try result.get()
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
