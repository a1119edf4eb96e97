import CRdkafka
import Synchronization

/// The thread of a `KafkaConsumer`, and the handle it serves. Only this thread polls; it ends, and frees the handle, when asked to
/// stop or when the handler throws.
///
/// Invariant behind `@unchecked Sendable`: what is not in `shared` or immutable is used by the thread only, to which the
/// callbacks belong too, as they run inside its polls.
final class ConsumerLoop: @unchecked Sendable {
    private enum Phase {
        case idle, running, stopping, stopped
    }

    private struct Shared {
        var phase = Phase.idle
        /// Nil once stopped. Used under the lock only, except by the thread, which is the one to take it away.
        var handle: RDKafkaHandle?
        /// The partitions it has; nil if it is not in the group.
        var assigned: [KafkaPartition: PartitionReading]?
        var whenStopped: [@Sendable () -> Void] = []
        /// The handler has a batch: as long as it takes, the thread does not poll.
        var isHandling = false
        /// Those who wait to see that the thread polls.
        var whenPolling: [@Sendable () -> Void] = []
    }

    private struct Committed: Equatable {
        let offset: Int64
        let note: String?
    }

    /// Without messages the thread looks up so often, for an outage that has lasted long enough to be told.
    private static let idle: Duration = .seconds(1)
    private static let answerTimeout: Duration = .seconds(1)
    private static let closeTimeout: Duration = .seconds(5)

    private let topics: [String]
    private let limit: KafkaConsumer.BatchLimit
    private let bookmarks: @Sendable ([KafkaPartition]) -> [KafkaPartition: KafkaBookmark]
    private let identity: @Sendable (KafkaMessage) -> UInt128?
    private let onEvent: @Sendable (KafkaEvent) -> Void
    private let handler: @Sendable ([KafkaMessage]) throws(KafkaConsumer.Stop) -> Void
    private let shared = Mutex(Shared())

    private var batch: [(message: KafkaMessage, identity: UInt128?)] = []
    private var batchBytes = 0
    private var monitor = ConnectionMonitor()
    private var missingTopics: Set<String> = []
    private var topicNames: [OpaquePointer: String] = [:]
    /// Where the partitions that were taken away had come to, should they come back.
    private var former: [KafkaPartition: PartitionReading] = [:]
    /// Their position does not exist; it is not yet known what does.
    private var outOfRange: Set<KafkaPartition> = []
    /// A topic was away.
    private var isInDoubt = false
    /// It joins the group again to read on elsewhere; what still comes meanwhile comes again.
    private var isRereading = false
    private var disconnects = 0
    private var committed: [KafkaPartition: Committed] = [:]
    private var samples = 0

    init(
        properties: [String: String],
        group: String,
        topics: [String],
        batchLimit: KafkaConsumer.BatchLimit,
        bookmarks: @escaping @Sendable ([KafkaPartition]) -> [KafkaPartition: KafkaBookmark],
        identity: @escaping @Sendable (KafkaMessage) -> UInt128?,
        onEvent: @escaping @Sendable (KafkaEvent) -> Void,
        handle: @escaping @Sendable ([KafkaMessage]) throws(KafkaConsumer.Stop) -> Void
    ) throws(KafkaError) {
        self.topics = topics
        self.limit = batchLimit
        self.bookmarks = bookmarks
        self.identity = identity
        self.onEvent = onEvent
        self.handler = handle

        let configuration = try KafkaProperties.configuration(KafkaProperties.consumerDefaults, under: properties)
        try configuration.set("group.id", to: group)
        configuration.withPointer { configuration in
            // Not retained: the handle ends before the loop does.
            rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(self).toOpaque())
            rd_kafka_conf_set_rebalance_cb(configuration) { _, code, partitions, opaque in
                ConsumerLoop.of(opaque).rebalance(code, partitions)
            }
            rd_kafka_conf_set_error_cb(configuration) { _, code, reason, opaque in
                let error = KafkaError(rd_kafka_resp_err_t(rawValue: code), message: reason.map(String.init(cString:)))
                ConsumerLoop.of(opaque).report(error)
            }
            rd_kafka_conf_set_stats_cb(configuration) { _, json, _, opaque in
                json.map {
                    ConsumerLoop.of(opaque).sample(aBrokerIsUp: Statistics.aBrokerIsUp($0), disconnects: Statistics.disconnects($0))
                }
                return 0
            }
            rd_kafka_conf_set_log_cb(configuration) { handle, level, facility, text in
                guard let handle, let facility, let text else { return }
                let line = LogLine(level: level, facility: String(cString: facility), text: String(cString: text))
                line.event.map(ConsumerLoop.of(rd_kafka_opaque(handle)).onEvent)
            }
        }
        let handle = try configuration.makeHandle(RD_KAFKA_CONSUMER)
        shared.withLock { $0.handle = handle }
    }

    private static func of(_ opaque: UnsafeMutableRawPointer?) -> ConsumerLoop {
        // Set for every handle in `init`.
        Unmanaged<ConsumerLoop>.fromOpaque(opaque!).takeUnretainedValue()
    }

    // MARK: Called from any thread

    func start() {
        let isFirst = shared.withLock { shared in
            guard shared.phase == .idle else { return false }
            shared.phase = .running
            return true
        }
        if isFirst { DedicatedThread.start { self.run() } }
    }

    func stop() {
        let wasIdle = shared.withLock { shared in
            guard shared.phase == .idle || shared.phase == .running else { return false }
            defer { shared.phase = .stopping }
            shared.handle?.wake()
            return shared.phase == .idle
        }
        // Freeing the handle blocks, so it takes the thread even if there was none yet.
        if wasIdle { DedicatedThread.start { self.run() } }
    }

    func whenStopped(_ body: @escaping @Sendable () -> Void) {
        let isStopped = shared.withLock { shared in
            if shared.phase != .stopped { shared.whenStopped.append(body) }
            return shared.phase == .stopped
        }
        if isStopped { body() }
    }

    /// Calls back when the thread has polled once more: within a second if all is well, at once while the handler has a batch.
    func whenPolling(_ body: @escaping @Sendable () -> Void) {
        let isWell = shared.withLock { shared in
            if shared.isHandling || shared.phase != .running { return true }
            shared.whenPolling.append(body)
            return false
        }
        if isWell { body() }
    }

    var isAssigned: Bool { shared.withLock { $0.assigned != nil } }

    func lag() -> Int64? {
        shared.withLock { shared in
            guard let handle = shared.handle, let assigned = shared.assigned else { return nil }
            var lag: Int64 = 0
            for (partition, reading) in assigned {
                guard let watermarks = handle.watermarks(of: partition) else { return nil }
                lag += max(0, watermarks.high - max(reading.handled, watermarks.low))
            }
            return lag
        }
    }

    // MARK: On the thread

    private var isRunning: Bool { shared.withLock { $0.phase == .running } }

    private func run() {
        guard let handle = shared.withLock({ $0.handle }) else { return }
        consume(handle)
        if !monitor.isDown {
            // Without a broker there is nobody to commit to.
            commit(handle)
            handle.closeConsumer(within: Self.closeTimeout)
        }
        let whenStopped = shared.withLock { shared in
            shared.phase = .stopped
            shared.handle = nil
            shared.assigned = nil
            return shared.whenStopped
        }
        whenStopped.forEach { $0() }
        // Destroyed last: a commit that finds no broker holds that up for as long as `session.timeout.ms`.
        withExtendedLifetime(handle) {}
    }

    private func consume(_ handle: RDKafkaHandle) {
        do throws(KafkaError) {
            if isRunning { try handle.subscribe(to: topics) }
        } catch {
            onEvent(.fatal(error))
            shared.withLock { $0.phase = .stopping }
        }
        while isRunning {
            collectBatch(handle)
            tellProgress(isHandling: true)
            handleBatch()
            tellProgress(isHandling: false)
            if !outOfRange.isEmpty { findRange(handle) }
            monitor.outage().map(onEvent)
        }
        tellProgress(isHandling: false)
    }

    private func tellProgress(isHandling: Bool) {
        let watchers = shared.withLock { shared in
            shared.isHandling = isHandling
            defer { shared.whenPolling = [] }
            return shared.whenPolling
        }
        watchers.forEach { $0() }
    }

    /// Waits for a message, then takes all that are there.
    private func collectBatch(_ handle: RDKafkaHandle) {
        var wait = Self.idle
        while batch.count < limit.messages, batchBytes < limit.bytes, let message = handle.nextMessage(within: wait) {
            wait = .zero
            if let error = message.error {
                if error.code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET.rawValue, let partition = message.place {
                    outOfRange.insert(partition)
                } else {
                    report(error, topic: message.topic)
                }
            } else if let topic = name(of: message) {
                take(message.contents(topic: topic), handle)
            }
        }
    }

    private func take(_ message: KafkaMessage, _ handle: RDKafkaHandle) {
        guard !isRereading else { return }
        let place = message.place
        let identity = identity(message)
        // A partition that was taken away meanwhile delivers nothing any more.
        switch change(place, { $0.received(message.offset, identity: identity) }) {
        case .take?:
            batchBytes += message.size
            batch.append((message, identity))
        case .startOver(let finding)?:
            tell(finding, of: place)
            readOn(handle)
        case .drop?, nil: break
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
        guard !batch.isEmpty, isRunning else { return }
        let batch = self.batch
        forgetBatch()
        do throws(KafkaConsumer.Stop) {
            try handler(batch.map(\.message))
        } catch {
            shared.withLock { $0.phase = .stopping }
            return
        }
        var last: [KafkaPartition: (offset: Int64, identity: UInt128?)] = [:]
        for (message, identity) in batch { last[message.place] = (message.offset, identity) }
        for (partition, (offset, identity)) in last { change(partition) { $0.handled(offset, identity: identity) } }
    }

    private func forgetBatch() {
        batch = []
        batchBytes = 0
    }

    // MARK: Callbacks, inside a poll

    private func rebalance(_ code: rd_kafka_resp_err_t, _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) {
        guard let handle = shared.withLock({ $0.handle }) else { return }
        let partitions = list.map { RDKafkaPartitionList.entries(of: $0).map(\.partition) } ?? []
        topicNames = [:]
        outOfRange = []
        if code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            let saved = bookmarks(partitions)
            let readings = partitions.map { partition in
                let known = former[partition]
                if isRereading, let known { return (partition, known) }
                return (partition, PartitionReading(from: known.map(\.anchor) ?? saved[partition]))
            }
            shared.withLock { $0.assigned = Dictionary(uniqueKeysWithValues: readings) }
            isRereading = false
            handle.assign(Dictionary(uniqueKeysWithValues: readings).mapValues(\.next))
            onEvent(.assigned(partitions))
            return
        }
        if rd_kafka_assignment_lost(handle.pointer) != 0 {
            // Another member may be reading them already.
            forgetBatch()
        } else {
            handleBatch()
        }
        commit(handle)
        handle.unassign()
        let assigned = shared.withLock { shared in
            defer { shared.assigned = nil }
            return shared.assigned ?? [:]
        }
        former.merge(assigned) { $1 }
        if code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS { onEvent(.error(KafkaError(code))) }
        onEvent(.revoked(partitions))
    }

    private func report(_ error: KafkaError, topic: String? = nil) {
        guard let handle = shared.withLock({ $0.handle }) else { return }
        switch rd_kafka_resp_err_t(rawValue: error.code) {
        case RD_KAFKA_RESP_ERR__FATAL:
            onEvent(.fatal(handle.fatalError ?? error))
        case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
            monitor.noBrokerIsUp(reason: error.message)
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
            break
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
            topic.map { _ = missingTopics.insert($0) }
            // It may come back as another one.
            isInDoubt = true
            onEvent(.error(error))
        default:
            onEvent(.error(error))
        }
    }

    /// Once a second.
    private func sample(aBrokerIsUp: Bool, disconnects: Int) {
        guard let handle = shared.withLock({ $0.handle }) else { return }
        if disconnects != self.disconnects { isInDoubt = true }
        self.disconnects = disconnects
        guard aBrokerIsUp else {
            monitor.noBrokerIsUp()
            handle.reconnect()
            return
        }
        monitor.brokerIsUp().map(onEvent)
        if !missingTopics.isEmpty, let found = handle.topicsOfCluster(within: Self.answerTimeout) {
            missingTopics.subtract(found)
        }
        review(handle)
        samples += 1
        // A commit that was lost is not missed for long.
        if samples.isMultiple(of: 30) { committed = [:] }
        commit(handle)
    }

    // MARK: Whether the logs are those that were read

    /// Only this thread changes them.
    @discardableResult
    private func change<Result>(_ partition: KafkaPartition, _ body: (inout PartitionReading) -> Result) -> Result? {
        guard var reading = shared.withLock({ $0.assigned?[partition] }) else { return nil }
        let result = body(&reading)
        shared.withLock { [reading] in $0.assigned?[partition] = reading }
        return result
    }

    /// By joining again: librdkafka 2.0.2 aborts the process when partitions are assigned anew before it has stopped reading them.
    private func readOn(_ handle: RDKafkaHandle) {
        guard !isRereading, shared.withLock({ $0.assigned }) != nil else { return }
        do throws(KafkaError) {
            try handle.subscribe(to: topics)
            isRereading = true
        } catch {
            onEvent(.error(error))
        }
    }

    /// What was handled by now is settled, unless something came between: then it is looked at again.
    private func review(_ handle: RDKafkaHandle) {
        guard let assigned = shared.withLock({ $0.assigned }) else { return }
        if isInDoubt {
            isInDoubt = false
            // What is in hand is read again too.
            forgetBatch()
            for partition in assigned.keys { change(partition) { $0.doubt() } }
            readOn(handle)
            return
        }
        var settled: [KafkaPartition: KafkaBookmark] = [:]
        for (partition, before) in assigned {
            if let high = handle.watermarks(of: partition)?.high, let finding = change(partition, { $0.ends(before: high) }) ?? nil {
                tell(finding, of: partition)
                readOn(handle)
            }
            let anchor = change(partition) { reading in
                reading.settle()
                return reading.anchor
            }
            if let anchor = anchor ?? nil, anchor != before.anchor { settled[partition] = anchor }
        }
        if !settled.isEmpty { onEvent(.handled(settled)) }
    }

    /// Asks what there is of partitions whose position is gone, again if nobody answers.
    private func findRange(_ handle: RDKafkaHandle) {
        for partition in outOfRange {
            guard let (low, high) = handle.currentWatermarks(of: partition, within: Self.answerTimeout) else { continue }
            outOfRange.remove(partition)
            guard let finding = change(partition, { $0.outOfRange(low: low, high: high) }) ?? nil else { continue }
            tell(finding, of: partition)
        }
        readOn(handle)
    }

    private func tell(_ finding: KafkaDiscontinuity, of partition: KafkaPartition) {
        if let request = finding.request(UInt64.random(in: .min ... .max)) { change(partition) { $0.say(request) } }
        onEvent(.discontinuity(partition, finding))
    }

    /// For whoever watches the lag of the group; where to begin is not taken from there.
    private func commit(_ handle: RDKafkaHandle) {
        var offsets: [KafkaPartition: (offset: Int64, note: String?)] = [:]
        let assigned = shared.withLock { $0.assigned ?? [:] }
        for (partition, reading) in assigned {
            let present = Committed(offset: reading.handled, note: reading.note)
            guard present.offset > 0 || present.note != nil, committed[partition] != present else { continue }
            committed[partition] = present
            offsets[partition] = (present.offset, present.note)
        }
        if !offsets.isEmpty { handle.commit(offsets) }
    }
}

extension KafkaMessage {
    fileprivate var place: KafkaPartition { KafkaPartition(topic: topic, partition: partition) }

    fileprivate var size: Int {
        headers.reduce((key?.count ?? 0) + (value?.count ?? 0)) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) }
    }
}
