import NIOCore
import Saga
import SagaConfiguration
import SagaStore
import Systemd

/// The transport the configuration asks for.
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
        case .kafka: ["kafka"]
        }
    }

    func make(
        service: ServiceName, configuration: Configuration, database: Database, outbox: OutboxLog, consumer: any EventConsumer,
        group: any EventLoopGroup, log: Log, metrics: Metrics
    ) async throws -> any Transport {
        fatalError()
    }
}
