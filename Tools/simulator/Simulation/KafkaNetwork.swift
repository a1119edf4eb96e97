import Saga
import Transport
import SagaStore

/// The transport `kafka`: producers that wait for acknowledgements, a broker with partitions, and consumers that
/// keep their places themselves.
final class KafkaNetwork: Network {
    private let broker = Broker()
    private unowned let world: World
    private let producers: [SimulatedProducer]
    private let consumers: [SimulatedConsumer]

    static let follower = "kafka"

    init(_ world: World) {
        self.world = world
        let broker = broker
        producers = world.nodes.map { SimulatedProducer(node: $0, broker: broker, world: world) }
        consumers = world.nodes.map { SimulatedConsumer(node: $0, broker: broker, world: world) }
        let consumers = consumers
        for consumer in consumers {
            consumer.didAsk = { [unowned self] owner in producers[owner.number].surveySoon() }
        }
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

    func loseEverything() -> Bool {
        guard !broker.isEmpty else { return false }
        broker.loseEverything()
        for consumer in consumers { consumer.disconnected() }
        for producer in producers { producer.surveySoon() }
        return true
    }

    func recreateTopic(of node: Node) -> Bool {
        guard !broker.isEmpty(topic: node.service) else { return false }
        broker.recreate(topic: node.service)
        for consumer in consumers { consumer.disconnected() }
        producers[node.service.number].surveySoon()
        return true
    }

    func trimTopic(of node: Node) -> Bool {
        let partition = world.dice.pick(0...Broker.partitions - 1)
        let count = broker.range(topic: node.service, partition: partition).count
        guard count > 0 else { return false }
        broker.trim(topic: node.service, partition: partition, count: world.dice.pick(1...count))
        // Nobody is told; it shows when it is read.
        for consumer in consumers { consumer.fetchSoon(node.service) }
        return true
    }

    func checkRest() throws {
        for consumer in consumers { try consumer.checkRest() }
    }
}
