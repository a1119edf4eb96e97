import Foundation
import Saga
import SagaTestSupport
import Testing
import Wire

/// Daemons over a Kafka cluster of their own.
struct KafkaSuite: Sendable {
    let daemons: DaemonSuite
    let broker: MockBrokerProcess
    /// Reads along from the start.
    let tap: TopicTap
    /// Has its say.
    let client: ForeignClient

    /// The suite of the present test.
    @TaskLocal static var current: KafkaSuite?

    /// What a test wants otherwise than usual.
    struct Settings: Sendable {
        var daemons = DaemonSuite.Settings()
        /// Of each topic.
        var partitions = 3
        /// Over those that make a group notice soon that a member has died, and an empty answer come soon.
        var properties: [String: String] = [:]
        /// Whether the broker answers from the start.
        var brokerIsUp = true
    }

    static func run<Result: Sendable>(
        _ settings: Settings = Settings(), _ body: (KafkaSuite) async throws -> Result
    ) async throws -> Result {
        let topics = Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0.rawValue, settings.partitions) })
        let broker = try await MockBrokerProcess(topics: topics)
        defer { broker.terminate() }
        if !settings.brokerIsUp { try await broker.send("down 1") }
        let properties = ["fetch.wait.max.ms": "20", "session.timeout.ms": "3000", "heartbeat.interval.ms": "500"]
            .merging(settings.properties) { $1 }
        var daemons = settings.daemons
        daemons.more += """

            transport: kafka
            kafka:
              bootstrapServers: "\(broker.bootstrapServers)"
              properties: { \(properties.map { "\"\($0)\": \"\($1)\"" }.joined(separator: ", ")) }
            """
        return try await DaemonSuite.run(daemons) { suite in
            let suite = KafkaSuite(daemons: suite, broker: broker, tap: try TopicTap(broker), client: try ForeignClient(broker))
            return try await $current.withValue(suite) { try await body(suite) }
        }
    }
}

/// Runs a group of tests with daemons over one cluster that are there for all of them.
struct SharedKafkaDaemons: SuiteTrait, TestScoping {
    let services: [ServiceName]

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        var settings = KafkaSuite.Settings()
        // So that what was sent first is handled first, and a test knows when all it sent was handled.
        settings.partitions = 1
        try await KafkaSuite.run(settings) { suite in
            try await suite.daemons.start(services)
            try await function()
        }
    }
}

extension Trait where Self == SharedKafkaDaemons {
    static func kafka(_ services: ServiceName...) -> Self { SharedKafkaDaemons(services: services) }
}

extension DaemonSuite {
    /// What a daemon says of itself.
    func status(_ service: ServiceName) async throws -> JSONValue {
        let answer = try await admin(service).get("/status")
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.json
    }

    func sagactl(_ arguments: String...) async throws -> ProgramProcess.Outcome { try await sagactl(arguments) }

    func sagactl(_ arguments: [String]) async throws -> ProgramProcess.Outcome {
        try await ProgramProcess.run("sagactl", ["--runtime-directory", "\(directory.path)/run"] + arguments, in: directory.path)
    }
}
