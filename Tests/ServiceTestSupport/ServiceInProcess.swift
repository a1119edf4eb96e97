package import HTTPServer
import Logging
import NIOCore
package import Saga
package import SagaConfiguration
package import SagaDaemon
package import SagaStore
package import SagaTestSupport
import ServiceLifecycle
package import Store
import Synchronization
import Systemd
import Transport
package import Wire

/// One service in this process, assembled as its daemon is: a real database, its own reactions and routes behind the HTTP of a listener.
/// There are no sockets, time is the test's, and events come and go by the test's hand.
package final class ServiceInProcess<Service: SagaService>: Sendable {
    package let time: TestTime
    package let assembly: ServiceAssembly<Service>
    private let log: Observed<[LogRecord]>
    private let transport: TransportInHand
    private let doors: (rest: Door, admin: Door)
    private let tasks = Mutex<ServiceGroup?>(nil)
    private let offset = Observed<Int64>(0)

    private init(
        _ time: TestTime, wallClock: @escaping @Sendable () -> Timestamp, in directory: TestDirectory,
        _ configure: (inout Configuration) -> Void
    ) async throws {
        var configuration = Configuration.default
        configuration.stateDirectory = "\(directory.path)/state"
        configuration.runtimeDirectory = "\(directory.path)/run"
        configure(&configuration)
        let records = Observed<[LogRecord]>([])
        let log = Log(sink: LogSink(backend: Records(records: records)), threshold: LogThreshold(.trace))
        assembly = try await ServiceAssembly(
            configuration: configuration, outbox: OutboxLog(followers: Choreography.subscribers(of: Self.name).map(\.rawValue)), hooks: [],
            log: log, clock: wallClock, steadyClock: time.clock, failed: { _ in })
        let transport = TransportInHand()
        assembly.connect(transport)
        let loaded = Configuration.Loaded(configuration: configuration)
        let routes = try assembly.routes(over: transport, effective: { loaded }, reread: { loaded })
        let logger = log.logger(label: "test")
        doors = (
            Door(
                pipeline: HTTPPipeline(
                    places: assembly.places.rest, gate: assembly.service.gate,
                    browsers: BrowserRule(allowedHosts: configuration.allowedHosts), logger: logger, responder: routes.rest),
                places: assembly.places.rest, reach: .loopback, time: time),
            Door(
                pipeline: HTTPPipeline(places: assembly.places.admin, logger: logger, responder: routes.operate),
                places: assembly.places.admin, reach: .local, time: time)
        )
        (self.time, self.transport, self.log) = (time, transport, records)
    }

    /// Runs a test with it. What the service does of itself runs meanwhile, and nothing is left when this returns.
    ///
    /// - Parameters:
    ///   - wallClock: nil: that of `time`.
    ///   - directory: where an earlier run left its database, for tests of a restart.
    ///   - isStarting: as it is before it is ready.
    package static func run<Result: Sendable>(
        time: TestTime = TestTime(), wallClock: (@Sendable () -> Timestamp)? = nil, in directory: TestDirectory? = nil,
        isStarting: Bool = false, configure: (inout Configuration) -> Void = { _ in },
        _ body: @Sendable (ServiceInProcess) async throws -> Result
    ) async throws -> Result {
        let directory = try directory ?? TestDirectory()
        let this = try await ServiceInProcess(time, wallClock: wallClock ?? time.wallClock, in: directory, configure)
        if !isStarting { this.assembly.lifecycle.enter(.running) }
        let group = ServiceGroup(
            services: this.assembly.service.services + [Rest()], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body(this)) } catch { result = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            this.context.database.close()
            withExtendedLifetime(directory) {}
            return try result.get()
        }
    }

    package static var name: ServiceName { Service.Reactions.service }

    package var context: ServiceContext { assembly.context }

    /// What is stored.
    package func read<Value: Sendable>(_ body: @escaping @Sendable (Snapshot) throws -> Value) async throws -> Value {
        try await context.database.read(body)
    }

    /// Does to the database what no service would.
    package func execute(_ sql: String) async throws {
        try await context.database.writer.write { try $0.connection.execute(sql) }
    }

    /// How many records of the log have this in their message.
    package func logged(_ text: String) -> Int { log.state.count { $0.message.contains(text) } }

    // MARK: Clients

    /// How many clients are connected, and how many of them wait for something to happen.
    package var connections: Int { assembly.places.rest.count }
    package var waiting: Int { assembly.places.rest.waiting }

    package var rest: HTTPClient { HTTPClient(.inProcess(doors.rest)) }
    package var admin: HTTPClient { HTTPClient(.inProcess(doors.admin)) }

    /// Where clients come in who have another address, or come to another listener.
    package func rest(from address: String, at reach: ListenerReach = .loopback) throws -> HTTPClient {
        var door = doors.rest
        door.address = try SocketAddress(ipAddress: address, port: 40_000)
        door.reach = reach
        return HTTPClient(.inProcess(door))
    }

    /// As on SIGTERM, for those who are connected.
    package func stop() {
        assembly.lifecycle.enter(.stopping)
        assembly.places.rest.stop()
    }

    // MARK: Events

    /// Takes an event from a peer, and returns what is published because of it.
    ///
    /// - Parameter id: the same one again is a duplicate.
    @discardableResult
    package func hear(
        _ event: SagaEvent, id: EventID? = nil, causation: EventID? = nil, trace: TraceContext? = nil
    ) async throws -> [OutboxEntry] {
        offset.change { $0 += 1 }
        let id = id ?? newID()
        let record = IncomingRecord(
            topic: event.type.topic.rawValue, partition: 0, offset: offset.state, key: nil,
            attributes: .read(
                id: id, time: time.wallClock(), causation: causation, trace: trace ?? TraceContext(order: event.orderID)),
            value: event.encoded())
        return try await hear(record)
    }

    /// The same of a record as it may come from anywhere.
    @discardableResult
    package func hear(_ record: IncomingRecord) async throws -> [OutboxEntry] {
        let last = context.outbox.last
        _ = try await assembly.pump.consume([record], position: nil)
        return context.outbox.recentEntries(after: last, limit: 1000) ?? []
    }

    /// Hands on all that is published here to another service, in order, until its task is canceled.
    package func publish<Peer>(to peer: ServiceInProcess<Peer>) async throws {
        let outbox = context.outbox
        var place: Int64 = 0
        while !Task.isCancelled {
            await outbox.waitForEntries(after: place)
            let entries = try await outbox.entries(after: place, limit: 256, in: context.database)
            guard let last = entries.last else { continue }
            let records = entries.map { entry in
                IncomingRecord(
                    topic: Self.name.topic.rawValue, partition: 0, offset: entry.seq, key: nil,
                    attributes: .read(id: entry.eventID, time: entry.occurredAt, causation: entry.causation, trace: entry.trace),
                    value: entry.body)
            }
            _ = try await peer.assembly.pump.consume(records, position: (Self.name, LogPosition(logID: 1, seq: last.seq)))
            place = last.seq
            outbox.acknowledge(place, by: ServiceInProcess<Peer>.name.rawValue)
        }
    }

    /// What was published so far, repetitions among it.
    package func published() -> [OutboxEntry] {
        context.outbox.recentEntries(after: 0, limit: 100_000) ?? []
    }

    /// The others have all that was published.
    package func deliver() {
        for follower in Choreography.subscribers(of: Self.name) {
            context.outbox.acknowledge(context.outbox.last, by: follower.rawValue)
        }
    }

    /// Something that keeps the transport from its work, in words.
    package func trouble(_ problems: [String]) {
        transport.problems.withLock { $0 = problems }
    }

    package func newID<Entity>() -> ID<Entity> {
        ID(bits: UInt128.random(in: 1 ... .max))
    }
}

/// A listener of a service in this process.
private struct Door: InProcessServer {
    let pipeline: HTTPPipeline
    let places: ConnectionPlaces
    var reach: ListenerReach
    let time: TestTime
    var address = try! SocketAddress(ipAddress: "127.0.0.1", port: 40_000)

    func connect(_ client: HTTPConnection.Incoming) async throws -> any HTTPConnection.Line {
        try await EmbeddedLine(to: pipeline, places: places, at: reach, from: address, on: time.loop, client)
    }
}

/// Carries nothing of itself: the test does.
private final class TransportInHand: Transport {
    let problems = Mutex<[String]>([])

    var status: TransportStatus {
        TransportStatus(kind: "direct", isConnected: true, lags: [:], problems: problems.withLock { $0 })
    }

    var vitals: [WatchdogVital] { [] }

    func settled() async {}

    func run() async throws {}
}

/// A group of services that has none ends at once.
private struct Rest: ServiceLifecycle.Service {
    func run() async throws { try await gracefulShutdown() }
}

private struct Records: LogBackend {
    let records: Observed<[LogRecord]>

    func write(_ records: [LogRecord]) -> Int {
        self.records.append(contentsOf: records)
        return 0
    }
}
