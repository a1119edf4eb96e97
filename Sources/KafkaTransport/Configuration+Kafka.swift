package import Saga
package import SagaConfiguration

extension Configuration.Kafka {
    /// The name a topic goes by here.
    package func topic(_ topic: Topic) -> String {
        topics[topic.owner]
    }

    /// The consumer group of a service.
    func group(of service: ServiceName) -> String { "\(groupPrefix)-\(service)" }

    /// What an operator set, secrets included.
    package var clientSettings: [String: String] {
        properties.merging(credentials) { _, secret in secret }
    }

    func clientProperties(for service: ServiceName) -> [String: String] {
        clientSettings.merging(["bootstrap.servers": bootstrapServers, "client.id": "saga-\(service)"]) { $1 }
    }
}
