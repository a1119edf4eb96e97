import Saga
import Transport
import KafkaTransport
import SagaStore
import Store
import Wire

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
    /// It has looked at its topic.
    private var mayTell = false
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
        mayTell = world.mutant == .tellsBeforeLooking
        lookBeforeTelling()
        produceSoon()
        isSurveying = false
        surveySoon(within: 1000)
    }

    private func lookBeforeTelling() {
        guard !mayTell else { return }
        let generation = generation
        let strays = world.mutant == .forgetsStrays ? 0 : node.outbox.last - node.outbox.acknowledged(by: KafkaNetwork.follower)
        node.after(world.latency(to: node)) { [self] in
            guard generation == self.generation else { return }
            guard !node.isCutOff else { return lookBeforeTelling() }
            let lost =
                world.mutant == .ignoresLoss
                ? [] : node.published.found(ends, expecting: node.published.expectation, strays: strays)
            if !lost.isEmpty { world.note(node, "may have lost events", UInt64(lost.count), "\(lost)") }
            // Found before, and not saved, it is not found again.
            guard try republish() else { return lookBeforeTelling() }
            mayTell = true
            produceSoon()
        }
    }

    func fail() {
        guard node.isUp else { return }
        world.note(node, "makes its producer anew")
        begin()
    }

    func produceSoon() {
        guard node.isUp, mayTell, !isProducing else { return }
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

    /// Carries the first records on a wire to the broker; the next ones follow when those are confirmed. What a crashed process has sent may
    /// still arrive.
    private func transmit(_ partition: Int) {
        let generation = generation
        guard !wires[partition].isEmpty else { return }
        let batch = Array(wires[partition].prefix(world.dice.pick(1...6)))
        world.after(world.latency(to: node)) { [self] in
            guard generation == self.generation else {
                if world.dice.chance(permille: 300) { append(batch, to: partition) }
                return
            }
            if node.isCutOff { return transmit(partition) }
            if world.strikes(.drop) {
                world.happened(.drop, at: node)
                return transmit(partition)
            }
            acknowledge(batch, from: append(batch, to: partition), in: partition)
        }
    }

    /// - Returns: the offset of the first.
    @discardableResult
    private func append(_ batch: [OutboxEntry], to partition: Int) -> Int64 {
        defer { didAppend() }
        let first = broker.range(topic: node.service, partition: partition).upperBound
        for entry in batch { broker.append(IncomingRecord(entry), topic: node.service, partition: partition) }
        return first
    }

    /// - Parameter first: the offset of the first; nil when the offsets are not known.
    private func acknowledge(_ batch: [OutboxEntry], from first: Int64?, in partition: Int) {
        let generation = generation
        node.after(world.latency()) { [self] in
            guard generation == self.generation else { return }
            if node.isCutOff || world.strikes(.lostAcknowledgement) {
                world.happened(.lostAcknowledgement, at: node)
                // Sent again, the broker knows them and says no more than that; or the producer gives up.
                return node.isCutOff || world.dice.chance(permille: 500) ? fail() : acknowledge(batch, from: nil, in: partition)
            }
            wires[partition].removeFirst(batch.count)
            transmit(partition)
            for (place, entry) in batch.enumerated() { confirm(entry, at: first.map { $0 + Int64(place) }, in: Int32(partition)) }
            if let published = inFlight.takeConfirmed() { node.outbox.acknowledge(published, by: KafkaNetwork.follower) }
            // The loss watch looks every now and then, here only when there is something new to lose.
            surveySoon()
        }
    }

    private func confirm(_ entry: OutboxEntry, at offset: Int64?, in partition: Int32) {
        let isCounted = offset != nil || world.mutant != .countsKnownOffsetsAlone
        if isCounted, !node.published.confirm(offset, in: partition), world.mutant != .ignoresLoss { surveySoon(within: 20) }
        inFlight.confirm(entry.seq)
        if world.mutant == .marksTheLastReport { node.outbox.acknowledge(entry.seq, by: KafkaNetwork.follower) }
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
            if try !republish() { surveySoon(within: 1000) }
        }
    }

    private var ends: [Int32: Int64] {
        Dictionary(
            uniqueKeysWithValues: (0..<Broker.partitions).map {
                (Int32($0), broker.range(topic: node.service, partition: $0).upperBound)
            })
    }

    private func survey() {
        guard world.mutant != .ignoresLoss else { return }
        var requests: [Confirmations.Request] = []
        for partition in 0..<Broker.partitions {
            for reader in Choreography.subscribers(of: node.service) {
                guard let note = broker.note(of: reader, topic: node.service, partition: partition) else { continue }
                requests.append(Confirmations.Request(reader: "\(reader)/\(partition)", text: note))
            }
        }
        let lost = node.published.found(ends, expecting: node.published.expectation)
        let asked = node.published.requested(requests)
        if !lost.isEmpty || !asked.isEmpty { world.note(node, "has lost events", UInt64(lost.count), "\(lost) \(asked)") }
    }

    /// - Returns: false when the database could not be written.
    private func republish() throws -> Bool {
        do {
            while try node.commit({ try node.published.requeue(in: $0) }) {}
            return true
        } catch is StoreError {
            return false
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
