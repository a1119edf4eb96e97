import Saga
import SagaStore

/// Reads the topics of the others for one node, each partition in order.
final class SimulatedConsumer {
    private struct Source: Equatable {
        let topic: ServiceName
        let partition: Int
    }

    private let node: Node
    private let broker: Broker
    private unowned let world: World
    private let topics: [ServiceName]
    /// How far it has read, in memory; by topic and partition.
    private var positions: [[Int]]
    private var isFetching: [Bool]
    /// Counts rebalances.
    private var assignment = 0

    init(node: Node, broker: Broker, world: World) {
        self.node = node
        self.broker = broker
        self.world = world
        topics = Choreography.subscriptions(of: node.service).map(\.owner)
        positions = ServiceName.allCases.map { _ in [Int](repeating: 0, count: Broker.partitions) }
        isFetching = ServiceName.allCases.map { _ in false }
        node.willStart.append { [unowned self] in
            isFetching = isFetching.map { _ in false }
            rebalance()
        }
    }

    /// Reads on from the stored offsets. False when that is where it was.
    @discardableResult
    func rebalance() -> Bool {
        let before = positions
        assignment += 1
        for topic in topics {
            for partition in 0..<Broker.partitions {
                positions[topic.number][partition] = broker.offset(of: node.service, topic: topic, partition: partition)
            }
            fetchSoon(topic)
        }
        return positions != before
    }

    func fetchSoon(_ topic: ServiceName) {
        guard node.isUp, topics.contains(topic), !isFetching[topic.number] else { return }
        isFetching[topic.number] = true
        node.after(world.latency(to: node)) { [self] in
            isFetching[topic.number] = false
            let ready = (0..<Broker.partitions).filter { positions[topic.number][$0] < broker.end(topic: topic, partition: $0) }
            guard !ready.isEmpty else { return }
            defer { fetchSoon(topic) }
            if !node.isCutOff { try handle(Source(topic: topic, partition: world.dice.pick(of: ready))) }
        }
    }

    private func handle(_ source: Source) throws {
        let position = positions[source.topic.number][source.partition]
        let records = broker.records(
            topic: source.topic, partition: source.partition, from: position, limit: world.dice.pick(1...4))
        let next = position + records.count
        if world.mutant == .positionBeforeCommit { broker.store(next, of: node.service, topic: source.topic, partition: source.partition) }
        do {
            try node.consume(world.duplicating(records))
        } catch is StoreError {
            // Nothing was written; the batch comes again.
            return
        }
        positions[source.topic.number][source.partition] = next
        store(world.mutant == .offsetTooFar ? min(next + 1, broker.end(topic: source.topic, partition: source.partition)) : next, source)
        try node.mayCrash(.crashAfterPosition)
    }

    /// Stored now, committed to the broker a little later (`auto.commit.interval.ms`).
    private func store(_ offset: Int, _ source: Source) {
        let assignment = assignment
        node.after(.milliseconds(world.dice.pick(1...300))) { [self] in
            // What belongs to partitions that were taken away is refused.
            guard assignment == self.assignment else { return }
            let stored = broker.offset(of: node.service, topic: source.topic, partition: source.partition)
            broker.store(max(offset, stored), of: node.service, topic: source.topic, partition: source.partition)
        }
    }

    func checkRest() throws {
        for topic in topics {
            for partition in 0..<Broker.partitions
            where positions[topic.number][partition] != broker.end(topic: topic, partition: partition) {
                throw Violation("\(node.service) has not read all of \(topic.topic)")
            }
        }
    }
}
