import Saga
import SagaRuntime
import SagaStore

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
    private var isSurveying = false
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
        isSurveying = false
        surveySoon(within: 1000)
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

    /// Carries the first record on a wire to the broker; the next one follows when that is confirmed. What a crashed process has sent may still arrive.
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
            acknowledge(entry, at: append(entry, to: partition), in: partition)
        }
    }

    @discardableResult
    private func append(_ entry: OutboxEntry, to partition: Int) -> Int64 {
        defer { didAppend() }
        return broker.append(IncomingRecord(entry), topic: node.service, partition: partition)
    }

    private func acknowledge(_ entry: OutboxEntry, at offset: Int64, in partition: Int) {
        let generation = generation
        node.after(world.latency()) { [self] in
            guard generation == self.generation else { return }
            if node.isCutOff || world.strikes(.lostAcknowledgement) {
                world.happened(.lostAcknowledgement, at: node)
                return fail()
            }
            wires[partition].removeFirst()
            transmit(partition)
            if !node.published.confirm(offset, in: Int32(partition)), world.mutant != .ignoresLoss { surveySoon(within: 20) }
            inFlight.confirm(entry.seq)
            if world.mutant == .marksTheLastReport { node.outbox.acknowledge(entry.seq, by: KafkaNetwork.follower) }
            if let published = inFlight.takeConfirmed() { node.outbox.acknowledge(published, by: KafkaNetwork.follower) }
        }
    }
}

// MARK: - Losses

extension SimulatedProducer {
    /// Looks at the topic as the loss watch does: at once, or when it is time again.
    func surveySoon(within milliseconds: Int = 20_000) {
        guard node.isUp, !isSurveying else { return }
        isSurveying = true
        let generation = generation
        node.after(.milliseconds(world.dice.pick(1...milliseconds))) { [self] in
            guard generation == self.generation else { return }
            isSurveying = false
            guard !node.isCutOff else { return surveySoon(within: 1000) }
            survey()
            try republish()
        }
    }

    private func survey() {
        guard world.mutant != .ignoresLoss else { return }
        var ends: [Int32: Int64] = [:]
        var requests: [PublishedLog.Request] = []
        for partition in 0..<Broker.partitions {
            ends[Int32(partition)] = broker.range(topic: node.service, partition: partition).upperBound
            for reader in Choreography.subscribers(of: node.service) {
                guard let note = broker.note(of: reader, topic: node.service, partition: partition) else { continue }
                requests.append(PublishedLog.Request(reader: "\(reader)/\(partition)", text: note))
            }
        }
        let lost = node.published.found(ends, expecting: node.published.expectation)
        let asked = node.published.requested(requests)
        if !lost.isEmpty || !asked.isEmpty { world.note(node, "has lost events", UInt64(lost.count), "\(lost) \(asked)") }
    }

    private func republish() throws {
        do {
            while try node.commit({ try node.published.requeue(in: $0) }) {}
        } catch is StoreError {
            surveySoon(within: 1000)
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
