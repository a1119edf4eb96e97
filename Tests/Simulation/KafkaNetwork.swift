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

/// Feeds the broker from one node's outbox, in order within each partition.
final class SimulatedProducer {
    let node: Node
    private let broker: Broker
    private unowned let world: World
    /// The producer's own memory: lost in a crash, and when it is made anew.
    private var inFlight = EntriesInFlight()
    private var sent: Int64 = 0
    private var generation = 0
    private var isProducing = false
    /// What is on its way to each partition, in order.
    private var wires = [[OutboxEntry]](repeating: [], count: Broker.partitions)
    var didAppend: () -> Void = {}

    init(node: Node, broker: Broker, world: World) {
        self.node = node
        self.broker = broker
        self.world = world
        node.willStart.append { [unowned self] in begin() }
        node.didCrash.append { [unowned self] in generation += 1 }
    }

    /// A producer made anew begins behind what was confirmed.
    private func begin() {
        generation += 1
        inFlight = EntriesInFlight()
        sent = world.mutant == .resumesAtTheEnd ? node.outbox.last : node.outbox.acknowledged(by: KafkaNetwork.follower)
        wires = [[OutboxEntry]](repeating: [], count: Broker.partitions)
        isProducing = false
        produceSoon()
    }

    func fail() {
        guard node.isUp else { return }
        world.note(node, "makes its producer anew")
        begin()
    }

    func produceSoon() {
        guard node.isUp, !isProducing else { return }
        isProducing = true
        let generation = generation
        node.after(world.latency()) { [self] in
            guard generation == self.generation else { return }
            isProducing = false
            let entries = try node.entries(after: sent, limit: world.dice.pick(1...4))
            guard !entries.isEmpty else { return }
            for entry in entries { produce(entry) }
            produceSoon()
        }
    }

    private func produce(_ entry: OutboxEntry) {
        inFlight.sent(entry.seq)
        sent = entry.seq
        if world.mutant == .marksBeforeTheReport { node.outbox.acknowledge(entry.seq, by: KafkaNetwork.follower) }
        let key = world.mutant == .losesOrdering ? entry.eventID.bits : entry.orderID.bits
        let partition = Int(truncatingIfNeeded: (key ^ key >> 64) % UInt128(Broker.partitions))
        wires[partition].append(entry)
        if wires[partition].count == 1 { transmit(partition) }
    }

    /// Carries the first record on a wire to the broker. What a crashed process has sent may still arrive.
    private func transmit(_ partition: Int) {
        let generation = generation
        guard let entry = wires[partition].first else { return }
        world.after(world.latency(to: node)) { [self] in
            guard generation == self.generation else {
                if world.dice.chance(permille: 300) { append(entry, to: partition) }
                return
            }
            if node.isCutOff { return transmit(partition) }
            if world.strikes(.drop) {
                world.happened(.drop, at: node)
                return transmit(partition)
            }
            append(entry, to: partition)
            wires[partition].removeFirst()
            transmit(partition)
            acknowledge(entry)
        }
    }

    private func append(_ entry: OutboxEntry, to partition: Int) {
        broker.append(IncomingRecord(entry), topic: node.service, partition: partition)
        didAppend()
    }

    private func acknowledge(_ entry: OutboxEntry) {
        let generation = generation
        node.after(world.latency()) { [self] in
            guard generation == self.generation else { return }
            if node.isCutOff || world.strikes(.lostAcknowledgement) {
                world.happened(.lostAcknowledgement, at: node)
                return fail()
            }
            inFlight.confirm(entry.seq)
            if world.mutant == .marksTheLastReport { node.outbox.acknowledge(entry.seq, by: KafkaNetwork.follower) }
            if let published = inFlight.takeConfirmed() { node.outbox.acknowledge(published, by: KafkaNetwork.follower) }
        }
    }
}

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

extension IncomingRecord {
    /// As an entry arrives from Kafka: with the headers that are read.
    fileprivate init(_ entry: OutboxEntry) {
        var headers = [
            Header(name: "ce_id", value: Array(entry.eventID.description.utf8)),
            Header(name: "ce_type", value: Array(entry.type.rawValue.utf8)),
            Header(name: "traceparent", value: Array(entry.trace.traceparent(event: entry.eventID).utf8)),
        ]
        if let causation = entry.causation { headers.append(Header(name: "ce_causationid", value: Array(causation.description.utf8))) }
        self.init(topic: entry.type.topic.rawValue, partition: 0, offset: 0, key: nil, attributes: .headers(headers), value: entry.body)
    }
}
