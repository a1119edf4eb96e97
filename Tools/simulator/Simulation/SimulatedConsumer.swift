import KafkaTransport
import Kafka
import Saga
import SagaStore
import Store
import Wire

/// Reads the topics of the others for one node, each partition in order.
final class SimulatedConsumer {
    private struct Source: Hashable {
        let topic: ServiceName
        let partition: Int

        var name: PartitionName { PartitionName(topic: topic.topic.rawValue, partition: Int32(partition)) }
    }

    private let node: Node
    private let broker: Broker
    private unowned let world: World
    private let topics: [ServiceName]
    private let sources: [Source]
    /// In memory.
    private var readings: [Source: PartitionReading] = [:]
    private var isFetching: Set<ServiceName> = []
    private var isReviewing = false
    private var isInDoubt = false
    /// Under way.
    private var reconnections = 0
    private var tokens: UInt64 = 0
    /// Told that there is something to be read in the group's committed offsets.
    var didAsk: (ServiceName) -> Void = { _ in }

    init(node: Node, broker: Broker, world: World) {
        self.node = node
        self.broker = broker
        self.world = world
        topics = Choreography.subscriptions(of: node.service).map(\.owner)
        sources = topics.flatMap { topic in (0..<Broker.partitions).map { Source(topic: topic, partition: $0) } }
        node.willStart.append { [unowned self] in
            isFetching = []
            isReviewing = false
            isInDoubt = false
            reconnections = 0
            let saved = try node.snapshot.bookmarks()
            begin { source in
                saved[source.name].map { KafkaBookmark(offset: $0.offset, identity: $0.identity, note: $0.note) }
            }
        }
    }

    private func begin(at bookmark: (Source) -> KafkaBookmark?) {
        for source in sources { readings[source] = PartitionReading(from: bookmark(source)) }
        for topic in topics { fetchSoon(topic) }
    }

    /// Reads on from where it certainly was. False when that is where it is.
    func rebalance() -> Bool {
        let before = readings
        begin { before[$0]?.anchor }
        return readings != before
    }

    /// The connection to the broker is lost. Each client makes it anew in its own time, and that it was lost shows a little later.
    func disconnected() {
        guard node.isUp else { return }
        if world.mutant != .trustsItsPosition { isInDoubt = true }
        reconnections += 1
        node.after(.milliseconds(world.dice.pick(1...5000))) { [self] in
            reconnections -= 1
            reviewSoon()
            for topic in topics { fetchSoon(topic) }
        }
    }

    func fetchSoon(_ topic: ServiceName) {
        guard node.isUp, reconnections == 0, topics.contains(topic), !isFetching.contains(topic) else { return }
        isFetching.insert(topic)
        node.after(world.latency(to: node)) { [self] in
            isFetching.remove(topic)
            let ready = sources.filter { $0.topic == topic && isReady($0) }
            guard !ready.isEmpty else { return }
            defer { fetchSoon(topic) }
            if isConnected { try fetch(world.dice.pick(of: ready)) }
        }
    }

    private var isConnected: Bool { !node.isCutOff && reconnections == 0 }

    private func isReady(_ source: Source) -> Bool {
        readings[source]!.next != broker.range(topic: source.topic, partition: source.partition).upperBound
    }

    private func fetch(_ source: Source) throws {
        let range = broker.range(topic: source.topic, partition: source.partition)
        let next = readings[source]!.next
        guard range.contains(next) else {
            let finding = readings[source]!.outOfRange(low: range.lowerBound, high: range.upperBound)
            if let finding { tell(finding, of: source) }
            return
        }
        var batch: [IncomingRecord] = []
        for record in broker.records(topic: source.topic, partition: source.partition, from: next, limit: world.dice.pick(1...4)) {
            switch readings[source]!.received(record.offset, identity: world.mutant == .comparesOffsetsAlone ? nil : record.identity) {
            case .take: batch.append(record)
            case .drop: reviewSoon()
            case .startOver(let finding):
                for sibling in sources where sibling.topic == source.topic { readings[sibling]!.startOver() }
                return tell(finding, of: source)
            }
        }
        guard let last = batch.last else { return }
        if world.mutant == .positionBeforeCommit { try save(source, last) }
        do {
            try node.consume(world.duplicating(batch))
        } catch is StoreError {
            // Nothing was written; the batch comes again.
            return
        }
        let end = broker.range(topic: source.topic, partition: source.partition).upperBound
        let offset = world.mutant == .offsetTooFar ? min(last.offset + 1, end - 1) : last.offset
        readings[source]!.handled(offset, identity: offset == last.offset ? last.identity : nil)
        reviewSoon()
        try node.mayCrash(.crashAfterPosition)
    }

    private func save(_ source: Source, _ record: IncomingRecord) throws {
        try node.commit {
            try $0.saveBookmark(Bookmark(offset: record.offset, identity: record.identity), in: source.name)
        }
    }

    private func tell(_ finding: KafkaDiscontinuity, of source: Source) {
        tokens += 1
        world.note(node, "finds", UInt64(source.partition), "\(source.topic)[\(source.partition)] \(finding)")
        if world.mutant != .keepsAGapToItself, let request = finding.request(tokens) { readings[source]!.say(request) }
        reviewSoon()
    }

    /// What the consumer does once a second, if there is anything to do.
    private func reviewSoon() {
        guard node.isUp, !isReviewing else { return }
        isReviewing = true
        node.after(.milliseconds(world.dice.pick(1...1000))) { [self] in
            isReviewing = false
            guard isConnected else { return reviewSoon() }
            review()
        }
    }

    private func review() {
        if isInDoubt {
            isInDoubt = false
            for source in sources { readings[source]!.doubt() }
        }
        var settled: [PartitionName: Bookmark] = [:]
        for source in sources {
            let end = broker.range(topic: source.topic, partition: source.partition).upperBound
            if let finding = readings[source]!.ends(before: end) { tell(finding, of: source) }
            readings[source]!.settle()
            if let anchor = readings[source]!.anchor {
                settled[source.name] = Bookmark(offset: anchor.offset, identity: anchor.identity, note: anchor.note)
            }
            commit(source)
        }
        node.handled(settled)
        for topic in topics { fetchSoon(topic) }
    }

    private func commit(_ source: Source) {
        guard let note = readings[source]!.note,
            note != broker.note(of: node.service, topic: source.topic, partition: source.partition)
        else { return }
        broker.commit(note, of: node.service, topic: source.topic, partition: source.partition)
        didAsk(source.topic)
    }

    func checkRest() throws {
        for source in sources {
            let reading = readings[source]!
            let end = broker.range(topic: source.topic, partition: source.partition).upperBound
            guard reading.handled == end, reading.next == end else {
                throw Violation("\(node.service) has not read all of \(source.topic.topic): \(reading.handled) of \(end)")
            }
        }
    }
}

extension IncomingRecord {
    /// The event, and when it was written.
    fileprivate var identity: UInt128? {
        guard case .headers(let headers) = attributes, let value = headers.first(where: { $0.name == "ce_id" })?.value,
            let event = EventID(String(decoding: value, as: UTF8.self)),
            let time = headers.first(where: { $0.name == Broker.timestamp })?.value
        else { return nil }
        return event.bits ^ UInt128(String(decoding: time, as: UTF8.self))!
    }
}
