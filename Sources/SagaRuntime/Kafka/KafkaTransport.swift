import Logging
import Dispatch
import Kafka
package import Saga
package import SagaConfiguration
package import SagaStore
import ServiceLifecycle
import Synchronization
package import Systemd

/// Events over Kafka, for more than one host.
///
/// Outgoing: an `OutboxPublisher` feeds an idempotent producer, and a `LossWatch` has told again what the topic has lost. Incoming: a
/// consumer group hands batches to the event consumer; how far they were read is saved in the database, never ahead of the effects, so
/// a crash delivers some again, which the inbox absorbs. A broker that cannot be reached makes the daemon degraded, never dead:
/// librdkafka goes on trying.
package final class KafkaTransport: Transport {
    private struct State {
        var isProducing = false
        var isConsuming = false
        var outage: String?
        var missing: [String] = []
        var settling: [CheckedContinuation<Void, Never>] = []
        var isSettled = false
        var isStopping = false
        /// Since when the group has given this member no share; nil while it has one, which may be empty.
        var unassignedSince: ContinuousClock.Instant? = .now
        /// The latest trouble of the consumer, which it may have overcome.
        var trouble: KafkaError?
        /// After which the consumer is of no more use.
        var failure: KafkaError?
        /// The batch in hand; there is one at a time.
        var batch: Task<Void, any Error>?
        var isBatchDurable = false
    }

    private let service: ServiceName
    private let configuration: Configuration.Kafka
    private let database: Database
    private let consumer: any EventConsumer
    private let positions: ReadPositions
    private let published: PublishedLog
    private let publisher: OutboxPublisher
    private let watch: LossWatch
    private let log: Log
    private let changed: WakeUp
    private let state = Mutex(State())
    private let group = Mutex<KafkaConsumer?>(nil)

    /// How long a group may take to admit a member before that is worth a word; the first join takes a broker three seconds.
    private static let joining: Duration = .seconds(10)

    /// - Parameters:
    ///   - positions: saved with each commit, as is `published`; both restored from the same database.
    package init(
        service: ServiceName, configuration: Configuration.Kafka, database: Database, outbox: OutboxLog, positions: ReadPositions,
        published: PublishedLog, consumer: any EventConsumer, log: Log, changed: WakeUp
    ) {
        self.service = service
        self.configuration = configuration
        self.database = database
        self.positions = positions
        self.published = published
        self.consumer = consumer
        self.log = log
        self.changed = changed
        let (topic, properties) = (configuration.topic(service.topic), configuration.clientProperties(for: service))
        let readers = Choreography.subscribers(of: service).map(Self.group)
        publisher = OutboxPublisher(
            service: service, topic: topic, properties: properties, database: database, outbox: outbox, published: published, log: log)
        watch = LossWatch(topic: topic, readers: readers, publisher: publisher, database: database, published: published, log: log)
    }

    private static func group(of service: ServiceName) -> String { "saga-\(service)" }

    package func run() async throws {
        try await withThrowingTaskGroup { tasks in
            tasks.addTask {
                try await self.publisher.run(
                    onEvent: { self.note($0, isProducer: true) }, beforeTelling: self.watch.lookBeforeTelling, onLoss: self.watch.look)
            }
            tasks.addTask { await self.createTopics() }
            tasks.addTask { await self.watch.run() }
            tasks.addTask { try await self.consume() }
            tasks.addTask {
                // A group that cannot be joined is no reason to stay unready for ever.
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.joining) }
                self.settle()
            }
            // Not waitForAll(), which would wait for the others too before it tells that one has failed.
            while try await tasks.next() != nil {}
        }
    }

    package var status: TransportStatus {
        let state = state.withLock { $0 }
        var problems = state.missing
        let isConnected = state.isProducing && state.isConsuming
        if !isConnected {
            problems.append("no Kafka broker answers at \(configuration.bootstrapServers)\(state.outage.map { ": \($0)" } ?? "")")
        }
        if state.isConsuming, let since = state.unassignedSince, since.duration(to: .now) >= Self.joining {
            problems.append("the consumer group \(Self.group(of: service)) cannot be joined\(state.trouble.map { ": \($0)" } ?? "")")
        }
        if let problem = publisher.problem { problems.append(problem) }
        if published.isRepublishing {
            problems.append("events that are missing from \(configuration.topic(service.topic)) are being published again")
        }
        return TransportStatus(kind: "kafka", isConnected: isConnected, lag: group.withLock { $0?.lag() }, problems: problems)
    }

    /// The consumer's thread polls. A batch that takes its time is no hang: what it waits for is the writer, which is asked itself.
    package var vitals: [WatchdogVital] {
        [
            WatchdogVital("consumer") { [self] in
                await group.withLock { $0 }?.waitUntilPolled()
                return true
            }
        ]
    }

    package func settled() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isSettled = state.withLock { state in
                    if !state.isSettled, !Task.isCancelled { state.settling.append(continuation) }
                    return state.isSettled || Task.isCancelled
                }
                if isSettled { continuation.resume() }
            }
        } onCancel: {
            settle()
        }
    }

    private func settle() {
        let waiting = state.withLock { state in
            state.isSettled = true
            defer { state.settling = [] }
            return state.settling
        }
        for continuation in waiting { continuation.resume() }
    }

    // MARK: Incoming

    private func consume() async throws {
        let topics = Choreography.subscriptions(of: service).map { configuration.topic($0) }
        let group = try KafkaConsumer(
            properties: configuration.clientProperties(for: service), group: Self.group(of: service), topics: topics,
            bookmarks: { [self] in savedBookmarks(of: $0) }, identity: { $0.identity },
            onEvent: { [self] in note($0, isProducer: false) }, handle: handle)
        self.group.withLock { $0 = group }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                group.start()
                await group.waitUntilStopped()
            } onGracefulShutdown: {
                self.stop(group)
                // The batch in hand may be waiting for a database that cannot be written: give it a moment, then let it come again.
                Task {
                    try? await Task.sleep(for: .seconds(3))
                    self.abandonBatch()
                }
            }
        } onCancel: {
            // Another part has failed, or a graceful shutdown took too long.
            self.stop(group)
            self.abandonBatch()
        }
        self.group.withLock { $0 = nil }
        let (isStopping, failure) = state.withLock { ($0.isStopping, $0.failure) }
        guard isStopping else { throw KafkaTransportError.consumerEnded(failure) }
    }

    private func stop(_ group: KafkaConsumer) {
        state.withLock { $0.isStopping = true }
        group.stop()
    }

    private func abandonBatch() {
        state.withLock { $0.batch }?.cancel()
    }

    /// On the consumer's own thread, which waits until the batch is durable: so a rebalance never finds one half done.
    private func handle(_ messages: [KafkaMessage]) throws(KafkaConsumer.Stop) {
        let records = messages.map(IncomingRecord.init)
        let done = DispatchSemaphore(value: 0)
        let consumer = consumer
        state.withLock { $0.isBatchDurable = false }
        let batch = Task {
            defer { done.signal() }
            try await consumer.consume(records, position: nil)
            state.withLock { $0.isBatchDurable = true }
        }
        state.withLock { $0.batch = batch }
        done.wait()
        guard state.withLock({ $0.isBatchDurable }) else { throw KafkaConsumer.Stop() }
    }

    /// On the consumer's thread. Without them it reads from the beginning, which costs time and nothing else.
    private func savedBookmarks(of partitions: [KafkaPartition]) -> [KafkaPartition: KafkaBookmark] {
        let saved: [PartitionName: Bookmark]
        do {
            saved = try database.read { try $0.bookmarks() }
        } catch {
            log.record(.warning, "the places to read on from cannot be read, topics are read from the beginning: \(error)")
            return [:]
        }
        return Dictionary(
            uniqueKeysWithValues: partitions.compactMap { partition in
                saved[PartitionName(partition)].map { (partition, KafkaBookmark($0)) }
            })
    }

    // MARK: Events of librdkafka

    private func note(_ event: KafkaEvent, isProducer: Bool) {
        defer { changed.call() }
        switch event {
        case .connected:
            state.withLock { state in
                if isProducer {
                    state.isProducing = true
                } else {
                    state.isConsuming = true
                    // After an outage it has to join again; at the start it has been at it all along.
                    if state.outage != nil, state.unassignedSince != nil { state.unassignedSince = .now }
                }
                if state.isProducing, state.isConsuming { state.outage = nil }
            }
            if isProducer { watch.look() }
        case .disconnected(let reason):
            state.withLock { state in
                if isProducer { state.isProducing = false } else { state.isConsuming = false }
                state.outage = reason
            }
            settle()
        case .assigned(let partitions):
            state.withLock { state in
                state.unassignedSince = nil
                state.trouble = nil
            }
            log.record(.info, "reads \(partitions.count) partitions: \(partitions.map(\.description).joined(separator: " "))")
            settle()
        case .revoked(let partitions):
            state.withLock { $0.unassignedSince = .now }
            log.record(.info, "no longer reads \(partitions.count) partitions")
        case .discontinuity(let partition, let finding): note(finding, in: partition)
        case .handled(let places):
            positions.handled(
                Dictionary(uniqueKeysWithValues: places.map { (PartitionName($0.key), Bookmark($0.value)) }))
        case .fatal(let error):
            log.record(.error, "Kafka \(isProducer ? "producer" : "consumer") failed: \(error)")
            if !isProducer {
                // The publisher makes its producer anew; a consumer that was shut out of its group is for the service manager to judge.
                state.withLock { $0.failure = error }
                group.withLock { $0 }?.stop()
            }
        case .error(let error):
            if !isProducer { state.withLock { $0.trouble = error } }
            log.record(.debug, "Kafka: \(error)")
        case .log(let level, let message):
            log.record(level <= 4 ? .debug : .trace, "librdkafka: \(message)")
        }
    }

    private func note(_ finding: KafkaDiscontinuity, in partition: KafkaPartition) {
        let what: String
        switch finding {
        case .replaced: what = "\(partition) is another one than before: it is read from the beginning"
        case .shortened: what = "\(partition) ends before the place that was reached: it is read from the beginning"
        case .trimmed(let missing):
            what =
                "records \(missing.lowerBound) to \(missing.upperBound - 1) of \(partition) were deleted before they were read: "
                + "its owner is asked to publish them again"
        }
        log.record(.error, "\(what)", fields: ["topic": partition.topic], messageID: MessageID.eventsMissing)
    }

    // MARK: Topics

    /// Creates what is missing, where the broker lets itself be asked. One that does not has its topics from somewhere else.
    private func createTopics() async {
        let topics = Topic.allCases.map { (name: configuration.topic($0), partitions: Int32(configuration.partitions)) }
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                do {
                    let outcomes = try await KafkaAdmin.createTopics(
                        properties: configuration.clientProperties(for: service), topics, timeout: .seconds(2))
                    let failures = outcomes.compactMap { topic, outcome in
                        if case .failed(let error) = outcome { (topic, error) } else { nil }
                    }
                    for (topic, outcome) in outcomes where outcome == .created { log.record(.notice, "created topic \(topic)") }
                    // Without a broker there is nothing to say that the transport's own state does not say.
                    let refused = failures.filter { !$0.1.isRetriable }.map { "topic \($0.0) could not be created: \($0.1)" }
                    state.withLock { $0.missing = refused }
                    if failures.isEmpty { return }
                } catch {
                    state.withLock { $0.missing = ["topics could not be created: \(error)"] }
                }
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }
}

/// Why the transport ended by itself, and the daemon with it.
private enum KafkaTransportError: Error, CustomStringConvertible {
    case consumerEnded(KafkaError?)

    var description: String {
        switch self {
        case .consumerEnded(let error?): "the Kafka consumer failed: \(error)"
        case .consumerEnded(nil): "the Kafka consumer ended: the database could not be written"
        }
    }
}

extension IncomingRecord {
    fileprivate init(_ message: KafkaMessage) {
        self.init(
            topic: message.topic, partition: message.partition, offset: message.offset, key: message.key,
            attributes: .headers(message.headers.map { Header(name: $0.name, value: $0.value) }), value: message.value)
    }
}

extension KafkaMessage {
    fileprivate var eventID: EventID? {
        headers.first { $0.name == "ce_id" }?.value.flatMap { EventID(String(decoding: $0, as: UTF8.self)) }
    }
}

extension PartitionName {
    fileprivate init(_ partition: KafkaPartition) {
        self.init(topic: partition.topic, partition: partition.partition)
    }
}

extension KafkaMessage {
    /// The event, and when it was written: when a topic is filled again the same event may come to stand in its old place, behind others
    /// than before.
    fileprivate var identity: UInt128? {
        eventID.map { $0.bits ^ UInt128(truncatingIfNeeded: timestamp ?? 0) }
    }
}

extension Bookmark {
    fileprivate init(_ bookmark: KafkaBookmark) {
        self.init(offset: bookmark.offset, identity: bookmark.identity, note: bookmark.note)
    }
}

extension KafkaBookmark {
    fileprivate init(_ bookmark: Bookmark) {
        self.init(offset: bookmark.offset, identity: bookmark.identity, note: bookmark.note)
    }
}

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
