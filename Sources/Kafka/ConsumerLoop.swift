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
        /// The partitions it has, each with the offset to be handled next if that is known; nil if it is not in the group.
        var positions: [KafkaPartition: Int64?]?
        var whenStopped: [@Sendable () -> Void] = []
        /// The handler has a batch: as long as it takes, the thread does not poll.
        var isHandling = false
        /// Those who wait to see that the thread polls.
        var whenPolling: [@Sendable () -> Void] = []
    }

    /// Without messages the thread looks up so often, for an outage that has lasted long enough to be told.
    private static let idle: Duration = .seconds(1)
    private static let answerTimeout: Duration = .seconds(1)
    private static let closeTimeout: Duration = .seconds(5)

    private let topics: [String]
    private let limit: KafkaConsumer.BatchLimit
    private let onEvent: @Sendable (KafkaEvent) -> Void
    private let handler: @Sendable ([KafkaMessage]) throws(KafkaConsumer.Stop) -> Void
    private let shared = Mutex(Shared())

    private var batch: [KafkaMessage] = []
    private var batchBytes = 0
    private var monitor = ConnectionMonitor()
    private var missingTopics: Set<String> = []
    private var topicNames: [OpaquePointer: String] = [:]

    init(
        properties: [String: String],
        group: String,
        topics: [String],
        batchLimit: KafkaConsumer.BatchLimit,
        onEvent: @escaping @Sendable (KafkaEvent) -> Void,
        handle: @escaping @Sendable ([KafkaMessage]) throws(KafkaConsumer.Stop) -> Void
    ) throws(KafkaError) {
        self.topics = topics
        self.limit = batchLimit
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
                json.map { ConsumerLoop.of(opaque).sample(aBrokerIsUp: Statistics.aBrokerIsUp($0)) }
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

    var isAssigned: Bool { shared.withLock { $0.positions != nil } }

    func lag() -> Int64? {
        shared.withLock { shared in
            guard let handle = shared.handle, let positions = shared.positions else { return nil }
            var lag: Int64 = 0
            for (partition, position) in positions {
                guard let position, let watermarks = handle.watermarks(of: partition) else { return nil }
                lag += max(0, watermarks.high - max(position, watermarks.low))
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
            handle.closeConsumer(within: Self.closeTimeout)
        }
        let whenStopped = shared.withLock { shared in
            shared.phase = .stopped
            shared.handle = nil
            shared.positions = nil
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
                report(error, topic: message.topic)
            } else if let topic = name(of: message) {
                let contents = message.contents(topic: topic)
                batchBytes += contents.size
                batch.append(contents)
            }
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
        guard !batch.isEmpty, isRunning, let handle = shared.withLock({ $0.handle }) else { return }
        let batch = self.batch
        forgetBatch()
        do throws(KafkaConsumer.Stop) {
            try handler(batch)
        } catch {
            shared.withLock { $0.phase = .stopping }
            return
        }
        var next: [KafkaPartition: Int64] = [:]
        for message in batch {
            next[KafkaPartition(topic: message.topic, partition: message.partition)] = message.offset + 1
        }
        handle.storeOffsets(next).map { onEvent(.error($0)) }
        shared.withLock { shared in
            for (partition, offset) in next where shared.positions?[partition] != nil {
                shared.positions?[partition] = .some(offset)
            }
        }
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
        if code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            rd_kafka_assign(handle.pointer, list)
            shared.withLock { $0.positions = Dictionary(uniqueKeysWithValues: partitions.map { ($0, nil) }) }
            onEvent(.assigned(partitions))
            return
        }
        if rd_kafka_assignment_lost(handle.pointer) != 0 {
            // Another member may be reading them already.
            forgetBatch()
        } else {
            handleBatch()
        }
        rd_kafka_assign(handle.pointer, nil)
        shared.withLock { $0.positions = nil }
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
            onEvent(.error(error))
        default:
            onEvent(.error(error))
        }
    }

    /// Once a second.
    private func sample(aBrokerIsUp: Bool) {
        guard let handle = shared.withLock({ $0.handle }) else { return }
        guard aBrokerIsUp else {
            monitor.noBrokerIsUp()
            handle.reconnect()
            return
        }
        monitor.brokerIsUp().map(onEvent)
        if !missingTopics.isEmpty, let found = handle.topicsOfCluster(within: Self.answerTimeout) {
            missingTopics.subtract(found)
        }
        learnPositions(handle)
    }

    /// After an assignment the lag is known only once it is known where the group left off.
    private func learnPositions(_ handle: RDKafkaHandle) {
        let unknown = shared.withLock { ($0.positions ?? [:]).filter { $0.value == nil }.map(\.key) }
        guard !unknown.isEmpty, let committed = handle.committedOffsets(of: unknown, within: Self.answerTimeout) else { return }
        shared.withLock { shared in
            for partition in unknown where shared.positions?[partition] != nil {
                // Without a committed offset it starts at the beginning, wherever that is.
                shared.positions?[partition] = .some(committed[partition] ?? 0)
            }
        }
    }
}

extension KafkaMessage {
    fileprivate var size: Int {
        headers.reduce((key?.count ?? 0) + (value?.count ?? 0)) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) }
    }
}
