import Saga
import SagaConfiguration

extension Configuration.Kafka {
    /// The name a topic goes by here.
    func topic(_ topic: Topic) -> String {
        switch topic {
        case .order: topics.order
        case .inventory: topics.inventory
        case .payment: topics.payment
        }
    }

    /// What an operator set, secrets included.
    var clientSettings: [String: String] {
        properties.merging(credentials) { _, secret in secret }
    }

    func clientProperties(for service: ServiceName) -> [String: String] {
        clientSettings.merging(["bootstrap.servers": bootstrapServers, "client.id": "saga-\(service)"]) { given, _ in given }
    }
}
