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
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = log.logger(label: "sagad.\(name)")

        let kind = TransportKind(configuration)
        let outbox = OutboxLog(followers: kind.followers(of: name))
        let state = kind.state(of: outbox)
        let metrics = Metrics()
        let (tracer, exporter) = SagaTracer.make(service: name, configuration: configuration, metrics: metrics, log: log)
        let assembly = try await ServiceAssembly<Service>(
            configuration: configuration, outbox: outbox, hooks: state.hooks, log: log, metrics: metrics, tracer: tracer,
            waits: { notifier.extendStart(by: .seconds(30), status: $0) }, failed: failed)
        let (service, context, places) = (assembly.service, assembly.context, assembly.places)
        let (database, lifecycle, health) = (context.database, assembly.lifecycle, assembly.health)

        // How events come and go.
        let runtimeDirectory = "\(configuration.runtimeDirectory)/\(name)"
        // The mode of the process's files is for state; the sockets in here have modes of their own.
        try OwnDirectory.make(runtimeDirectory, mode: 0o755)
        let adminSocket = "\(runtimeDirectory)/admin.sock"
        // Of all that another instance has, this is what an operator knows it by.
        try UnixSocketAddress(adminSocket).makeFree()
        let transport = try await state.makeTransport(
            service: name, configuration: configuration, database: database, outbox: outbox, consumer: assembly.pump, group: group,
            log: log,
            changed: health.changed)
        assembly.connect(transport)

        // What the outside talks to.
        let effective = Mutex(loaded)
        let routes = try assembly.routes(over: transport, effective: { effective.withLock { $0 } }, reread: reread)
        let admin = try await HTTPListener.bind(
            .unix(path: adminSocket), group: group, logger: logger, places: places.admin, responder: routes.operate)
        let read = try await HTTPListener.bind(
            .unix(path: "\(runtimeDirectory)/read.sock", group: UnixSocketAddress.readersGroup), group: group, logger: logger,
            places: places.read, responder: ServiceRouter.onlyReading(routes.operate))
        let http = configuration.http[name]
        let rest = try await HTTPListener.bind(
            inherited.descriptors(named: "rest").first.map { .inherited(descriptor: $0) } ?? .tcp(host: http.host, port: http.port),
            group: group, logger: logger, places: places.rest, gate: service.gate,
            browsers: BrowserRule(allowedHosts: configuration.allowedHosts),
            responder: routes.rest)

        let metricsAddress = configuration.metrics[name]
        let scrapes: HTTPListener? =
            metricsAddress.port == 0
            ? nil
            : try await HTTPListener.bind(
                .tcp(host: metricsAddress.host, port: metricsAddress.port), group: group, logger: logger, places: places.metrics,
                browsers: BrowserRule(allowedHosts: configuration.allowedHosts),
                responder: routes.metrics)

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
                Housekeeping(service: service, outbox: outbox, watch: assembly.retention, context: context),
                assembly.lane,  // publishes again, beside the live events
                StoreKind(configuration).watch(of: database, log: log),  // notices that the database was taken away, or is
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
