import Kafka
import Logging
package import Saga
package import SagaConfiguration
package import SagaStore
import Store
import ServiceLifecycle
import Synchronization
package import Systemd
package import Transport

/// Events over Kafka, for more than one host.
///
/// Outgoing: an `OutboxPublisher` feeds an idempotent producer, and a `LossWatch` publishes again what the topic has lost. Incoming: a
/// consumer group hands batches to the event consumer; how far they were read is saved in the database, never ahead of the effects, so
/// a crash delivers some again, which the inbox absorbs. A broker that cannot be reached makes the daemon degraded, never dead:
/// librdkafka goes on trying.
package final class KafkaTransport: Transport {
    /// The name under which the outbox remembers how far the broker has it.
    package static let follower = OutboxPublisher.follower

    private struct State {
        var health: KafkaHealth
        var topicProblems: [String] = []
        /// The topics that were there when last looked at.
        var topics: Set<String> = []
        /// What the consumer may not.
        var refused: Set<KafkaRight> = []
        var group: KafkaConsumer?
        var isStopping = false
        /// The consumer is being ended so that another one can try to join.
        var isGivenUp = false
        /// After which the consumer is of no more use.
        var failure: KafkaError?
    }

    private let service: ServiceName
    private let configuration: Configuration.Kafka
    private let database: Database
    private let batch: BatchInHand
    private let bookmarks: Bookmarks
    private let published: Confirmations
    private let publisher: OutboxPublisher
    private let watch: LossWatch
    private let groupGuard: GroupGuard
    private let principal: KafkaPrincipal
    private let log: Log
    private let changed: WakeUp
    private let state: Mutex<State>
    /// Ends when it is subscribed, or known not to reach a broker for now.
    private let settling = AsyncStream<Void>.makeStream()

    /// - Parameters:
    ///   - instance: the name of the place in the consumer group that belongs to whoever holds the state directory.
    ///   - bookmarks: saved with each commit, as is `published`; both restored from the same database.
    package init(
        service: ServiceName, instance: String, configuration: Configuration.Kafka, database: Database, outbox: OutboxLog,
        bookmarks: Bookmarks, published: Confirmations, consumer: any EventConsumer, log: Log, changed: WakeUp
    ) {
        self.service = service
        self.configuration = configuration
        self.database = database
        self.bookmarks = bookmarks
        self.published = published
        self.log = log
        self.changed = changed
        batch = BatchInHand(consumer: consumer)
        state = Mutex(State(health: KafkaHealth(bootstrapServers: configuration.bootstrapServers, group: configuration.group(of: service))))
        let (topic, properties) = (configuration.topic(service.topic), configuration.clientProperties(for: service))
        let readers = Choreography.subscribers(of: service).map(configuration.group)
        publisher = OutboxPublisher(
            service: service, topic: topic, properties: properties, database: database, outbox: outbox, published: published, log: log)
        principal = KafkaPrincipal(properties)
        watch = LossWatch(
            topic: topic, readers: readers, publisher: publisher, database: database, published: published, properties: properties, log: log
        )
        groupGuard = GroupGuard(
            service: service, group: configuration.group(of: service), instance: instance,
            topics: Choreography.subscriptions(of: service).map { configuration.topic($0) }, properties: properties,
            changed: { changed.call() })
    }

    package func run() async throws {
        let topics = TopicWatch(
            properties: configuration.clientProperties(for: service),
            topics: Topic.allCases.map { (configuration.topic($0), Int32(configuration.partitions)) }, log: log)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask {
                try await self.publisher.run(
                    onEvent: { self.note($0, of: .producer) },
                    beforePublishing: {
                        // What a second instance took before it was found out stays with it.
                        await self.groupGuard.admitted()
                        await self.watch.lookBeforeTelling()
                    }, onLoss: self.watch.look)
            }
            tasks.addTask { try await cancelWhenGracefulShutdown { try await self.groupGuard.watch() } }
            tasks.addTask { await cancelWhenGracefulShutdown { await self.publisher.watchStalls { self.changed.call() } } }
            tasks.addTask {
                await topics.run(
                    look: self.publisher.partitionCounts, onCounts: self.foundTopics,
                    onProblems: { problems in
                        self.state.withLock { $0.topicProblems = problems }
                        self.changed.call()
                    })
            }
            tasks.addTask { await self.watch.run() }
            tasks.addTask { try await self.consume() }
            tasks.addTask {
                // A group that cannot be joined is no reason to stay unready for ever.
                try? await cancelWhenGracefulShutdown {
                    try await Task.sleep(for: KafkaHealth.joining)
                    // But who may turn out to come second is not to be given work.
                    if self.groupGuard.hasToWait { await self.groupGuard.admitted() }
                }
                if !Task.isCancelled { self.settle() }
            }
            // Not waitForAll(), which would wait for the others too before it tells that one has failed.
            while try await tasks.next() != nil {}
        }
    }

    package var status: TransportStatus {
        let (health, topicProblems, refused, group) = state.withLock { ($0.health, $0.topicProblems, $0.refused, $0.group) }
        var problems = topicProblems + health.problems() + refused.map(principal.lack).sorted()
        if let problem = watch.problem { problems.append(problem) }
        if let problem = groupGuard.problem { problems.append(problem) }
        if let problem = publisher.problem { problems.append(problem) }
        if published.isRepublishing {
            problems.append("events that \(configuration.topic(service.topic)) may lack are being published again")
        }
        return TransportStatus(kind: "kafka", isConnected: health.isConnected, lags: group?.lags().map(lags), problems: problems)
    }

    /// By topic; by whose topic that is.
    private func lags(_ lags: [String: Int64]) -> [ServiceName: Int64] {
        let topics = Choreography.subscriptions(of: service)
        return Dictionary(uniqueKeysWithValues: topics.map { ($0.owner, lags[configuration.topic($0)] ?? 0) })
    }

    /// The consumer's thread polls. A batch that takes its time is no hang: what it waits for is the writer, which is asked itself.
    package var vitals: [WatchdogVital] {
        [
            WatchdogVital("consumer") { [self] in
                await state.withLock { $0.group }?.waitUntilPolled()
                return true
            }
        ]
    }

    package func settled() async {
        for await _ in settling.stream {}
    }

    private func settle() {
        settling.continuation.finish()
    }

    /// One that has come back is another one, and may lack what it held.
    private func foundTopics(_ counts: [String: Int]) {
        let (isNews, group) = state.withLock { state in
            defer { state.topics = Set(counts.keys) }
            return (!state.topics.isEmpty && !state.topics.isSuperset(of: counts.keys), state.group)
        }
        group?.expect(counts)
        if isNews { watch.look() }
    }

    // MARK: Incoming

    private func consume() async throws {
        let membership: KafkaMembership
        do {
            membership = try await cancelWhenGracefulShutdown {
                try await self.groupGuard.admit(isConnected: { self.publisher.isConnected }) {
                    self.state.withLock { $0.health.reached() }
                }
            }
        } catch is CancellationError {
            return
        }
        settle()
        while try await consume(as: membership) {
            log.record(.warning, "the consumer group \(configuration.group(of: service)) could not be joined: the consumer is made anew")
        }
    }

    /// - Returns: whether the group could not be joined, and another consumer is to try.
    private func consume(as membership: KafkaMembership) async throws -> Bool {
        let topics = Choreography.subscriptions(of: service).map { configuration.topic($0) }
        let started = ContinuousClock.now
        let group = try KafkaConsumer(
            properties: configuration.clientProperties(for: service), group: configuration.group(of: service), membership: membership,
            topics: topics,
            bookmarks: { [self] in savedBookmarks(of: $0) }, identity: { $0.identity },
            onEvent: { [self] in
                groupGuard.note($0, started: started)
                note($0, of: .consumer)
            }, handle: batch.handle)
        state.withLock { $0.group = group }
        let impatience = Task { await self.giveUpJoining(group) }
        defer { impatience.cancel() }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                group.start()
                await group.waitUntilStopped()
            } onGracefulShutdown: {
                self.stop(group)
                // The batch in hand may be waiting for a database that cannot be written: give it a moment, then let it come again.
                Task {
                    try? await Task.sleep(for: .seconds(3))
                    self.batch.abandon()
                }
            }
        } onCancel: {
            // Another part has failed, or a graceful shutdown took too long.
            self.stop(group)
            self.batch.abandon()
        }
        let (isStopping, isGivenUp, failure) = state.withLock { state in
            defer { (state.group, state.isGivenUp) = (nil, false) }
            return (state.isStopping, state.isGivenUp, state.failure)
        }
        if isStopping { return false }
        guard isGivenUp, failure == nil else { throw KafkaTransportError.consumerEnded(failure) }
        return true
    }

    private func giveUpJoining(_ group: KafkaConsumer) async {
        while true {
            let left = state.withLock { $0.health.untilGivenUp() }
            if left == .zero { break }
            do { try await Task.sleep(for: left) } catch { return }
        }
        state.withLock { state in
            state.isGivenUp = true
            // The next one has as long.
            state.health.note(.revoked([]), of: .consumer)
        }
        group.stop()
    }

    private func stop(_ group: KafkaConsumer) {
        state.withLock { $0.isStopping = true }
        group.stop()
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

    private func note(_ event: KafkaEvent, of client: KafkaClient) {
        defer { changed.call() }
        state.withLock { $0.health.note(event, of: client) }
        log.note(event, of: client)
        switch event {
        case .connected:
            if client == .producer { watch.look() }
        case .disconnected:
            settle()
        case .handled(let places):
            bookmarks.handled(Dictionary(uniqueKeysWithValues: places.map { (PartitionName($0.key), Bookmark($0.value)) }))
        case .fatal(let error):
            // The publisher makes its producer anew; a consumer that was shut out of its group is for the service manager to judge.
            if client == .consumer { fail(error) }
        case .refused(let right):
            state.withLock { _ = $0.refused.insert(right) }
        case .granted(let right):
            state.withLock { _ = $0.refused.remove(right) }
        case .assigned, .partlyAssigned, .revoked, .discontinuity, .waiting, .error, .log:
            break
        }
    }

    private func fail(_ error: KafkaError) {
        let group = state.withLock { state in
            state.failure = error
            return state.group
        }
        group?.stop()
    }
}
