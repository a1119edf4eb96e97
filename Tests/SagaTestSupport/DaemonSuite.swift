import Foundation
package import Saga
import Synchronization
package import Testing

/// The suite for one test or one group of tests: a directory, a configuration file, and up to three real daemons.
///
/// Whatever happens in the test, its daemons are gone when `run` returns. At most two suites run at the same time.
package final class DaemonSuite: Sendable {
    /// The suite of the present test.
    @TaskLocal package static var current: DaemonSuite?

    package let directory: TestDirectory
    package let configurationFile: String
    private let ports: [ServiceName: Int]
    private let daemons = Mutex<[ServiceName: DaemonProcess]>([:])
    private let neighbours = Mutex<[DaemonProcess]>([])
    private let hasFailed = Mutex(false)

    private static let freeSlots = Observed(2)

    private init(_ settings: Settings) throws {
        directory = try TestDirectory()
        ports = Dictionary(uniqueKeysWithValues: try ServiceName.allCases.map { ($0, try FreePort.choose()) })
        configurationFile = "\(directory.path)/sagad.yaml"
        try configure(settings)
    }

    /// What a test wants otherwise than usual, as it is written in the file.
    package struct Settings: Sendable {
        package var deadline = "60s"
        package var initialStock = #"{ "1": 1000000, "2": 5 }"#
        package var logLevel = "debug"
        package var backlogLimit = 100_000
        /// More lines, at the outermost level.
        package var more = ""

        package init() {}
    }

    /// Writes the configuration file, anew for a reload.
    package func configure(_ settings: Settings) throws {
        _ = try directory.write(
            """
            stateDirectory: \(directory.path)/state
            runtimeDirectory: \(directory.path)/run
            logLevel: \(settings.logLevel)
            backlogLimit: \(settings.backlogLimit)
            order:
              deadline: \(settings.deadline)
              http: { port: \(port(of: .order)) }
            inventory:
              initialStock: \(settings.initialStock)
              http: { port: \(port(of: .inventory)) }
            payment:
              http: { port: \(port(of: .payment)) }
            \(settings.more)
            """, to: "sagad.yaml")
    }

    /// Runs a test with a suite of which nothing is started yet, when it is its turn. A time limit of the test includes that wait.
    package static func run<Result: Sendable>(
        _ settings: Settings = Settings(), _ body: (DaemonSuite) async throws -> Result
    ) async throws -> Result {
        try await freeSlots.wait(for: "place for another suite of daemons", within: .seconds(900)) { slots -> Void? in
            guard slots > 0 else { return nil }
            return slots -= 1
        }
        defer { freeSlots.change { $0 += 1 } }
        let suite = try DaemonSuite(settings)
        do {
            let result = try await $current.withValue(suite) { try await body(suite) }
            await suite.end()
            return result
        } catch {
            suite.noteFailure()
            await suite.end()
            throw error
        }
    }

    // MARK: Daemons

    /// Starts a daemon, without waiting for it.
    ///
    /// - Parameters:
    ///   - openFiles: the most descriptors it may have; nil: as many as the test.
    ///   - inherited: the socket it is to serve REST on.
    @discardableResult
    package func launch(
        _ service: ServiceName, environment: [String: String] = [:], openFiles: Int? = nil, inherited: ListeningSocket? = nil
    ) throws -> DaemonProcess {
        let daemon = try DaemonProcess(
            service, arguments: ["--config", configurationFile], environment: environment, openFiles: openFiles, inherited: inherited,
            in: directory.path, label: service.rawValue,
            notifications: NotifyListener(address: "\(directory.path)/\(service)-\(UInt16.random(in: .min ... .max)).notify"))
        daemons.withLock { $0[service] = daemon }
        return daemon
    }

    /// Starts a daemon and returns when it is ready.
    @discardableResult
    package func start(_ service: ServiceName, environment: [String: String] = [:]) async throws -> DaemonProcess {
        let daemon = try launch(service, environment: environment)
        try await daemon.ready()
        return daemon
    }

    /// A daemon beside those of the suite: it has the same configuration file, and directories and a port of its own.
    package struct Neighbour: Sendable {
        package let daemon: DaemonProcess
        package let rest: HTTPClient
        package let admin: HTTPClient
    }

    /// Starts one, without waiting for it.
    package func launchBeside(_ service: ServiceName, environment: [String: String] = [:]) throws -> Neighbour {
        let number = neighbours.withLock { $0.count }
        let (port, own) = (try FreePort.choose(), "\(directory.path)/beside-\(number)")
        let given = [
            "SAGAD_STATE_DIRECTORY": "\(own)/state", "SAGAD_RUNTIME_DIRECTORY": "\(own)/run",
            "SAGAD_\(service.rawValue.uppercased())_HTTP_PORT": "\(port)",
        ]
        let daemon = try DaemonProcess(
            service, arguments: ["--config", configurationFile], environment: given.merging(environment) { $1 }, openFiles: nil,
            in: directory.path, label: "beside-\(number)-\(service)", notifications: NotifyListener(address: "\(own)-\(service).notify"))
        neighbours.withLock { $0.append(daemon) }
        return Neighbour(
            daemon: daemon, rest: HTTPClient(.tcp(port: port)), admin: HTTPClient(.unix(path: "\(own)/run/\(service)/admin.sock")))
    }

    /// Starts several, at the same time.
    package func start(_ services: [ServiceName]) async throws {
        for daemon in try services.map({ try launch($0) }) { try await daemon.ready() }
    }

    package subscript(service: ServiceName) -> DaemonProcess {
        get throws {
            try #require(daemons.withLock { $0[service] }, "\(service.program) was not started")
        }
    }

    package func port(of service: ServiceName) -> Int { ports[service]! }

    package func stateDirectory(of service: ServiceName) -> String { "\(directory.path)/state/\(service)" }

    package func adminSocket(of service: ServiceName) -> String { "\(directory.path)/run/\(service)/admin.sock" }

    package func rest(_ service: ServiceName) -> HTTPClient { HTTPClient(.tcp(port: port(of: service))) }

    package func admin(_ service: ServiceName) -> HTTPClient { HTTPClient(.unix(path: adminSocket(of: service))) }

    /// Returns when the others have everything this daemon has told so far.
    package func drained(_ service: ServiceName) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while try await admin(service).get("/status").json["outbox"]?["pending"]?.integer != 0 {
            try #require(ContinuousClock.now < end, "the others do not read what \(service.program) tells")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    // MARK: The end

    /// The daemons' logs will be printed.
    package func noteFailure() {
        hasFailed.withLock { $0 = true }
    }

    private func end() async {
        let daemons = daemons.withLock { daemons in
            defer { daemons = [:] }
            return daemons
        }
        for daemon in Array(daemons.values) + neighbours.withLock({ $0 }) { try? await daemon.crash() }
        guard hasFailed.withLock({ $0 }) else { return }
        for service in ServiceName.allCases {
            guard let log = try? String(contentsOfFile: "\(directory.path)/\(service).err", encoding: .utf8) else { continue }
            print("--- \(service.program), the end of its log")
            for line in log.split(separator: "\n").suffix(60) { print(line) }
        }
    }
}

/// Runs a group of tests with running daemons that are there for all of them.
package struct SharedDaemons: SuiteTrait, TestScoping {
    private let services: [ServiceName]
    private let settings: DaemonSuite.Settings

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await DaemonSuite.run(settings) { suite in
            try await suite.start(services)
            try await function()
        }
    }

    fileprivate init(_ services: [ServiceName], _ settings: DaemonSuite.Settings) {
        self.services = services
        self.settings = settings
    }
}

extension Trait where Self == SharedDaemons {
    package static func daemons(_ services: [ServiceName] = ServiceName.allCases, _ settings: DaemonSuite.Settings = .init()) -> Self {
        SharedDaemons(services, settings)
    }
}

extension Trait where Self == IssueHandlingTrait {
    /// The logs of the daemons are shown when something in the test fails.
    package static var showingLogs: Self {
        .filterIssues { _ in
            DaemonSuite.current?.noteFailure()
            return true
        }
    }
}
