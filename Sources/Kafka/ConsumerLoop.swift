import CRdkafka
import Synchronization
import Posix

/// What a `KafkaConsumer` does on its thread: it polls, collects batches for the handler, and follows what befalls its partitions.
/// Only this thread polls; it ends, and frees the handle, when asked to stop or when the handler throws.
///
/// Invariant behind `@unchecked Sendable`: what is neither immutable nor under a lock is used by the thread only, to which the
/// callbacks belong too, as they run inside its polls. Each of these asserts it.
final class ConsumerLoop: @unchecked Sendable {
    /// Without messages the thread looks up so often, for an outage that has lasted long enough to be reported.
    private static let idle: Duration = .seconds(1)
    /// Between two looks at what no message tells of.
    private static let upkeepInterval: Duration = .seconds(1)
    static let answerTimeout: Duration = .seconds(1)
    private static let closeTimeout: Duration = .seconds(5)

    let topics: [String]
    private let bookmarks: @Sendable ([KafkaPartition]) -> [KafkaPartition: KafkaBookmark]
    let identity: @Sendable (KafkaMessage) -> UInt128?
    let onEvent: @Sendable (KafkaEvent) -> Void
    private let handler: @Sendable ([KafkaMessage]) throws(KafkaConsumer.Stop) -> Set<Int>
    let lifecycle = ConsumerLifecycle()
    /// Changed by the thread only.
    let assignment = Mutex(Assignment())

    var batch: MessageBatch
    /// What the handler has no room for, by topic.
    var held: [String: MessageBatch] = [:]
    /// The topics that are not read on for it.
    var paused: Set<String> = []
    var nextOffer = ContinuousClock.now
    private var monitor = ConnectionMonitor()
    private var confinement = ThreadConfinement()
    private var missingTopics: Set<String> = []
    private var topicNames: [OpaquePointer: String] = [:]
    private let group: String
    /// What the broker's access control lists forbid, as far as it was met.
    var refused: Set<KafkaRight> = []
    private var disconnects = 0
    private var upkeeps = 0
    private var nextUpkeep = ContinuousClock.now
    var lastBatch = ContinuousClock.now
    /// Only of a member that is meant to be the only one.
    var claim: GroupClaim?

    init(
        properties: [String: String],
        group: String,
        membership: KafkaMembership,
        topics: [String],
        batchLimit: KafkaConsumer.BatchLimit,
        bookmarks: @escaping @Sendable ([KafkaPartition]) -> [KafkaPartition: KafkaBookmark],
        identity: @escaping @Sendable (KafkaMessage) -> UInt128?,
        onEvent: @escaping @Sendable (KafkaEvent) -> Void,
        handle: @escaping @Sendable ([KafkaMessage]) throws(KafkaConsumer.Stop) -> Set<Int>
    ) throws(KafkaError) {
        self.topics = topics
        self.group = group
        self.bookmarks = bookmarks
        self.identity = identity
        self.onEvent = onEvent
        self.handler = handle
        batch = MessageBatch(limit: batchLimit)

        let configuration = try KafkaProperties.configuration(KafkaProperties.consumerDefaults, under: properties)
        try configuration.set("group.id", to: group)
        if case .sole(let instance) = membership {
            claim = GroupClaim(isKnown: instance != nil)
            if let instance { try configuration.set("group.instance.id", to: instance) }
        }
        // The handle ends before the loop does.
        configuration.withPointer(setCallbacks)
        lifecycle.serve(try configuration.makeHandle(RD_KAFKA_CONSUMER))
    }

    // MARK: Called from any thread

    func start() {
        lifecycle.start { self.run() }
    }

    func stop() {
        lifecycle.stop { self.run() }
    }

    func whenStopped(_ body: @escaping @Sendable () -> Void) {
        lifecycle.whenStopped(body)
    }

    func whenPolling(_ body: @escaping @Sendable () -> Void) {
        lifecycle.whenPolling(body)
    }

    var isAssigned: Bool { assignment.withLock { $0.isGiven } }

    func lags() -> [String: Int64]? {
        lifecycle.withHandle { handle in assignment.withLock { $0.lags(watermarks: handle.watermarks) } }
    }

    // MARK: On the thread

    private func run() {
        confinement.takeOver()
        guard let handle = lifecycle.handle else { return }
        consume(handle)
        if !monitor.isDown {
            // Without a broker there is nobody to commit to.
            commit(handle)
            handle.closeConsumer(within: Self.closeTimeout)
        }
        assignment.withLock { $0.takeAway() }
        lifecycle.end()
        // Destroyed last: a commit that finds no broker holds that up for as long as `session.timeout.ms`.
        withExtendedLifetime(handle) {}
    }

    private func consume(_ handle: RDKafkaHandle) {
        do throws(KafkaError) {
            if lifecycle.isRunning { try handle.subscribe(to: topics) }
        } catch {
            onEvent(.fatal(error))
            lifecycle.giveUp()
        }
        while lifecycle.isRunning {
            collectBatch(handle)
            dropWhatWasLost(handle)
            lifecycle.polls(isHandling: true)
            handleBatch()
            offerHeldIfDue()
            lifecycle.polls(isHandling: false)
            readWhatHasRoom(handle)
            findRange(handle)
            upkeepIfDue(handle)
            monitor.outage().map(onEvent)
        }
        lifecycle.polls(isHandling: false)
    }

    /// Waits for a message, then takes all that are there.
    private func collectBatch(_ handle: RDKafkaHandle) {
        var wait = Self.idle
        while !batch.isFull, let message = handle.nextMessage(within: wait) {
            wait = .zero
            if let end = message.end, let partition = message.place {
                reached(end: end, of: partition)
                if !refused.isEmpty { grant(KafkaRight(.read, .topic(partition.topic))) }
            } else if let error = message.error {
                if error.code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET.rawValue, let partition = message.place {
                    assignment.withLock { $0.lostPosition(of: partition) }
                } else {
                    report(error, topic: message.topic)
                }
            } else if let topic = name(of: message) {
                if !refused.isEmpty { grant(KafkaRight(.read, .topic(topic))) }
                take(message.contents(topic: topic), handle)
            }
        }
    }

    private func take(_ message: KafkaMessage, _ handle: RDKafkaHandle) {
        let identity = identity(message)
        switch assignment.withLock({ $0.received(message, identity: identity) }) {
        case .take:
            // What was fetched before its topic had to wait.
            if !held.isEmpty, held[message.topic]?.append(message, identity: identity) != nil { return }
            batch.append(message, identity: identity)
        case .drop: break
        case .startOver(let finding):
            onEvent(.discontinuity(message.place, finding))
            // What is in hand of the same topic is read again too.
            batch.clear()
            readOn(handle)
        }
    }

    /// Saves making the same string for every message. Cleared when partitions come and go, as topic handles then do.
    private func name(of message: borrowing RDKafkaMessage) -> String? {
        guard let handle = message.topicHandle else { return nil }
        if let name = topicNames[handle] { return name }
        topicNames[handle] = message.topic
        return topicNames[handle]
    }

    /// Between polls, and inside one before partitions are given away.
    private func handleBatch() {
        guard !batch.isEmpty, lifecycle.isRunning else { return }
        let batch = self.batch
        self.batch.clear()
        handle(batch)
    }

    func handle(_ batch: MessageBatch) {
        let waiting: Set<Int>
        do throws(KafkaConsumer.Stop) {
            waiting = batch.messages.isEmpty ? [] : try handler(batch.messages)
        } catch {
            lifecycle.giveUp()
            return
        }
        let batch = waiting.isEmpty ? batch : hold(waiting, of: batch)
        assignment.withLock { assignment in
            for (partition, end) in batch.ends { assignment.handled(end.offset, identity: end.identity, of: partition) }
            for (partition, end) in batch.reached { assignment.reached(end: end, of: partition) }
        }
    }

    // MARK: Callbacks, inside a poll

    func rebalance(_ code: rd_kafka_resp_err_t, _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) {
        confinement.require()
        guard let handle = lifecycle.handle else { return }
        let partitions = list.map { RDKafkaPartitionList.entries(of: $0).map(\.partition) } ?? []
        topicNames = [:]
        if code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            let share = claim?.given(partitions, of: partitionsThereAre(handle, given: partitions))
            guard share?.isRead ?? true else { return withhold(share, handle) }
            let saved = bookmarks(partitions)
            handle.assign(assignment.withLock { $0.give(partitions, saved: saved) })
            onEvent(.assigned(partitions))
            share.map { onEvent(.partlyAssigned($0)) }
            grant(KafkaRight(.read, .group(group)))
            return
        }
        let isLost = handle.isAssignmentLost
        claim?.takenAway(isLost: isLost)
        // Another member may be reading lost ones already.
        isLost ? batch.clear() : handleBatch()
        letGo(handle)
        commit(handle)
        handle.unassign()
        assignment.withLock { $0.takeAway() }
        if code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS { onEvent(.error(KafkaError(code))) }
        onEvent(.revoked(partitions))
    }

    func report(_ error: KafkaError, topic: String? = nil) {
        confinement.require()
        guard let handle = lifecycle.handle else { return }
        switch rd_kafka_resp_err_t(rawValue: error.code) {
        case RD_KAFKA_RESP_ERR__FATAL:
            onEvent(.fatal(handle.fatalError ?? error))
        case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
            // It counts the brokers that were named to begin with once more, so its text is of no use.
            monitor.noBrokerIsUp()
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
            topic.map { refuse(KafkaRight(.read, .topic($0))) }
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
            refuse(KafkaRight(.read, .group(group)))
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
            topic.map { _ = missingTopics.insert($0) }
            // It may come back as another one.
            assignment.withLock { $0.doubt() }
            onEvent(.error(error))
        default:
            onEvent(.error(error))
        }
    }

    /// What the statistics say, every two seconds.
    func sample(aBrokerIsUp: Bool, brokers: Int, disconnects: Int) {
        confinement.require()
        guard let handle = lifecycle.handle else { return }
        if disconnects != self.disconnects { assignment.withLock { $0.doubt() } }
        self.disconnects = disconnects
        monitor.knows(brokers: brokers)
        guard aBrokerIsUp else {
            monitor.noBrokerIsUp()
            handle.reconnect()
            return
        }
        monitor.brokerIsUp().map(onEvent)
    }

    /// By a clock of its own: what is kept of progress must not hang on what the library reports.
    private func upkeepIfDue(_ handle: RDKafkaHandle) {
        guard ContinuousClock.now >= nextUpkeep else { return }
        nextUpkeep = .now + Self.upkeepInterval
        // Nobody is there to be asked, or to commit to.
        guard !monitor.isDown else { return }
        if !missingTopics.isEmpty, let found = handle.topicsOfCluster(within: Self.answerTimeout) {
            missingTopics.subtract(found.keys)
        }
        askForTheRest(handle)
        review(handle)
        upkeeps += 1
        // The library tells of a refusal once. Joining anew shows whether it holds, also where there is nothing to be received.
        if upkeeps.isMultiple(of: 20), lacksTopics { readOn(handle) }
        // A commit that was lost is not missed for long.
        if upkeeps.isMultiple(of: 60) { assignment.withLock { $0.forgetCommits() } }
        commit(handle)
    }

    /// For whoever watches the lag of the group; where to begin is not taken from there.
    private func commit(_ handle: RDKafkaHandle) {
        let offsets = assignment.withLock { $0.uncommitted() }
        if !offsets.isEmpty { handle.commit(offsets) }
    }
}
