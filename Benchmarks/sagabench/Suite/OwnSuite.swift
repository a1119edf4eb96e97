import AdminAPI
import FoundationEssentials
import Glibc
import NIOCore
import Saga
import Synchronization

/// A suite of one's own in a temporary directory, on free ports: release binaries with the defaults of the configuration but for the stock,
/// which is enough for any run; or the peer they are compared with.
///
/// Owned by the scenario that made it; `tearDown` ends its processes and removes its directory. Should this program be killed, the mock
/// broker ends by itself, the daemons stay and must be ended by hand.
final class OwnSuite: Sendable {
    let directory: SuiteDirectory
    private let options: OwnSuiteOptions
    private let transport: TransportChoice
    private let ports: [Int]
    private let kafkaProperties: [String: String]
    private let peer: PythonPeer?
    private let broker: MockBroker?
    private let daemons = Mutex<[(service: ServiceName, process: ChildProcess)]>([])

    static let stock: Int64 = 1_000_000_000_000
    private static let partitions = 12

    static func make(
        _ options: OwnSuiteOptions, transport: TransportChoice, kafkaProperties: [String: String], peer: PythonPeer?
    ) async throws -> OwnSuite {
        let programs = try options.programs()
        for program in (peer == nil ? ServiceName.allCases.map(\.program) : []) + (transport == .kafka ? ["mock-broker"] : [])
        where access("\(programs)/\(program)", X_OK) != 0 {
            throw BenchError("\(programs)/\(program) is not there: swift build -c release --product \(program), or give --bin")
        }
        let directory = try SuiteDirectory()
        do {
            let broker =
                transport == .kafka
                ? try await MockBroker.start(
                    "\(programs)/mock-broker", topics: Topic.allCases.map(\.rawValue), partitions: partitions) : nil
            return try OwnSuite(
                options, transport, directory, broker, kafkaProperties, peer, ports: FreePorts.find(ServiceName.allCases.count))
        } catch {
            directory.remove()
            throw error
        }
    }

    private init(
        _ options: OwnSuiteOptions, _ transport: TransportChoice, _ directory: SuiteDirectory, _ broker: MockBroker?,
        _ kafkaProperties: [String: String], _ peer: PythonPeer?, ports: [Int]
    ) throws {
        self.options = options
        self.transport = transport
        self.directory = directory
        self.broker = broker
        self.ports = ports
        self.kafkaProperties = kafkaProperties
        self.peer = peer
        let properties = kafkaProperties.map { "\($0): \"\($1)\"" }.joined(separator: ", ")
        let text = """
            stateDirectory: \(directory.path)/state
            runtimeDirectory: \(directory.runtime)
            transport: \(transport.rawValue)
            logLevel: \(options.logLevel)
            kafka: { bootstrapServers: "\(broker?.bootstrapServers ?? "")", partitions: \(OwnSuite.partitions), properties: { \(properties) } }
            order: { http: { port: \(ports[0]) } }
            inventory: { http: { port: \(ports[1]) }, initialStock: { "1": \(OwnSuite.stock) } }
            payment: { http: { port: \(ports[2]) } }
            """
        try Data(text.utf8).write(to: URL(filePath: directory.configuration))
    }

    /// Starts the three daemons at once; returns how long each took until READY=1.
    @discardableResult
    func start() async throws -> [ServiceName: Duration] {
        return try await withThrowingTaskGroup { group in
            for (service, port) in zip(ServiceName.allCases, ports) {
                let signal = try ReadySignal(path: directory.notifySocket(of: service))
                var streams = ChildProcess.Streams()
                switch options.logs {
                case .none: break
                case .files: streams.errorFile = directory.log(of: service.rawValue)
                case .inherit: streams.inheritsError = true
                }
                let command = try command(of: service, port: port)
                let begin = NIODeadline.now()
                let process = try ChildProcess.start(
                    command.program, command.arguments,
                    environment: command.environment.merging(["NOTIFY_SOCKET": signal.path]) { $1 }, streams: streams)
                daemons.withLock { $0.append((service, process)) }
                group.addTask {
                    let ready = try await signal.received(within: .seconds(60))
                    return (service, Duration.nanoseconds((ready - begin).nanoseconds))
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func command(of service: ServiceName, port: Int) throws -> ServiceCommand {
        if let peer {
            return try peer.command(
                of: service, in: directory, port: port, stock: OwnSuite.stock, bootstrapServers: broker?.bootstrapServers, kafkaProperties)
        }
        return ServiceCommand(program: "\(try options.programs())/\(service.program)", arguments: ["--config", directory.configuration])
    }

    /// As the scenarios see it; only while it is started.
    var benched: BenchedSuite {
        let running = daemons.withLock { $0.map { (name: $0.service.rawValue, pid: $0.process.pid) } }
        return BenchedSuite(
            target: OrderTarget(host: "127.0.0.1", port: ports[0]), transport: transport.rawValue, runtimeDirectory: directory.runtime,
            processes: running + (broker.map { [(name: "mock-broker", pid: $0.process.pid)] } ?? []))
    }

    /// Asks the daemons to end, all at once; returns how long each took.
    @discardableResult
    func stop() async throws -> [ServiceName: Duration] {
        let ending = daemons.withLock { daemons in
            defer { daemons = [] }
            return daemons
        }
        let begin = NIODeadline.now()
        for daemon in ending { daemon.process.signal(SIGTERM) }
        var durations: [ServiceName: Duration] = [:]
        for daemon in ending {
            let exit = try await daemon.process.exit()
            guard exit.code == 0 else { throw BenchError("the \(daemon.service) service ended with status \(exit.code)") }
            durations[daemon.service] = .nanoseconds((exit.at - begin).nanoseconds)
        }
        return durations
    }

    /// Ends the daemons and compares their databases; returns what is wrong.
    func stopAndReconcile() async throws -> [String] {
        try await stop()
        let directory = directory
        return try await BlockingWork.run { try Reconciliation(directory).problems(transport: self.transport.rawValue) }
    }

    private func tearDown() async {
        _ = try? await stop()
        try? await broker?.stop()
        if options.keep {
            Progress.say("kept: \(directory.path)")
        } else {
            directory.remove()
        }
    }

    /// Runs `body` with a suite and takes it down again, whatever happens in between.
    static func with<Result: Sendable>(
        _ options: OwnSuiteOptions, transport: TransportChoice, kafkaProperties: [String: String] = [:], peer: PythonPeer? = nil,
        _ body: (OwnSuite) async throws -> Result
    ) async throws -> Result {
        let suite = try await make(options, transport: transport, kafkaProperties: kafkaProperties, peer: peer)
        do {
            let result = try await body(suite)
            await suite.tearDown()
            return result
        } catch {
            // A task that was canceled waits for nothing; the daemons still have to be waited for.
            await Task { await suite.tearDown() }.value
            throw error
        }
    }
}
