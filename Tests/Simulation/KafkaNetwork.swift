import Saga
import SagaRuntime
import SagaStore

/// The transport `kafka`: producers that wait for acknowledgements, a broker with partitions, and groups that store an offset once
/// the effects are durable.
final class KafkaNetwork: Network {
    private let broker = Broker()
    private let producers: [SimulatedProducer]
    private let consumers: [SimulatedConsumer]

    static let follower = "kafka"

    init(_ world: World) {
        let broker = broker
        producers = world.nodes.map { SimulatedProducer(node: $0, broker: broker, world: world) }
        consumers = world.nodes.map { SimulatedConsumer(node: $0, broker: broker, world: world) }
        let consumers = consumers
        for producer in producers {
            producer.didAppend = { [unowned producer] in
                for consumer in consumers { consumer.fetchSoon(producer.node.service) }
            }
        }
    }

    func outboxGrew(at node: Node) {
        producers[node.service.number].produceSoon()
    }

    /// Clients of Kafka go on trying.
    func cutOff(_: Node) {}

    func fail(at node: Node) {
        producers[node.service.number].fail()
    }

    func rebalance(_ node: Node) -> Bool {
        consumers[node.service.number].rebalance()
    }

    func published(by node: Node) -> Int64 {
        node.outbox.published
    }

    func loseData() -> Bool {
        guard !broker.isEmpty else { return false }
        broker.loseData()
        for consumer in consumers { _ = consumer.rebalance() }
        return true
    }

    func checkRest() throws {
        for consumer in consumers { try consumer.checkRest() }
    }
}
