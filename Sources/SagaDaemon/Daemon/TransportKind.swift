import Kafka
import NIOCore
import Saga
import SagaConfiguration
import SagaStore
import Store
import Systemd
import Transport
import DirectTransport
import KafkaTransport

/// The transport the configuration asks for, and the one place that knows which there are.
enum TransportKind {
    case direct, kafka

    init(_ configuration: Configuration) {
        self =
            switch configuration.transport {
            case .direct: .direct
            case .kafka: .kafka
            }
    }

    /// Who must have read an outbox entry before it counts as published.
    func followers(of service: ServiceName) -> [String] {
        switch self {
        case .direct: Choreography.subscribers(of: service).map(\.rawValue)
        case .kafka: [KafkaTransport.follower]
        }
    }

    /// What is wrong with the settings this transport needs, beyond what the configuration checks.
    /// - Parameter hasCredentials: whether a daemon's credentials were there to be read.
    func problems(in configuration: Configuration, hasCredentials: Bool) -> [String] {
        switch self {
        case .direct: []
        case .kafka:
            KafkaProperties.validate(configuration.kafka.clientSettings, hasSecrets: hasCredentials).map { "kafka.properties: \($0)" }
        }
    }

    /// What the transport keeps in the database beside what every one does. `direct` has nothing of its own.
    func state(of outbox: OutboxLog) -> TransportState {
        switch self {
        case .direct: .direct
        case .kafka: .kafka(Confirmations(outbox: outbox, follower: KafkaTransport.follower), Bookmarks())
        }
    }
}

/// What one kind of transport keeps in the database, made before the database is opened.
enum TransportState {
    case direct
    case kafka(Confirmations, Bookmarks)

    /// In the order in which they are to be saved.
    var hooks: [any CommitHook] {
        switch self {
        case .direct: []
        case .kafka(let published, let bookmarks): [published, bookmarks]
        }
    }

    func makeTransport(
        service: ServiceName, configuration: Configuration, database: Database, outbox: OutboxLog,
        consumer: any EventConsumer, group: any EventLoopGroup, log: Log, changed: WakeUp
    ) async throws -> any Transport {
        switch self {
        case .direct:
            let transport = DirectTransport(
                service: service, socketPath: { "\(configuration.runtimeDirectory)/\($0)/events.sock" }, database: database, log: outbox,
                consumer: consumer, topics: { configuration.kafka.topic($0) }, eventLoopGroup: group,
                report: {
                    log.note($0)
                    changed.call()
                })
            try await transport.bind()
            return transport
        case .kafka(let published, let bookmarks):
            let logID = try await database.read { try $0.logID() } ?? 0
            return KafkaTransport(
                service: service, instance: GroupPlace.name(of: "\(configuration.stateDirectory)/\(service)", database: logID),
                configuration: configuration.kafka, database: database, outbox: outbox, bookmarks: bookmarks,
                published: published, consumer: consumer, log: log, changed: changed)
        }
    }
}
