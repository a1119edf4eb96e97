import CRdkafka
import Synchronization
import Posix

/// The thread of a `KafkaProducer`, and the handle it serves. Only this thread polls; it ends, and frees the handle, after `close`.
final class ProducerLoop: Sendable {
    struct Shared {
        /// Nil once closed. Used under the lock only, except by the thread, which is the one to take it away.
        var handle: RDKafkaHandle?
        /// Set when closing: how long to wait for what is on its way.
        var closeBy: ContinuousClock.Instant?
        var whenClosed: [@Sendable () -> Void] = []
    }

    /// Without events the thread looks up so often, for an outage that has lasted long enough to be reported.
    private static let idle: Duration = .seconds(1)
    /// Purged records are reported at once; this bounds the wait for a library that does not.
    private static let purgeTimeout: Duration = .seconds(2)
    private static let maxReports = 10_000

    let shared: Mutex<Shared>
    private let onDelivery: @Sendable ([KafkaDelivery]) -> Void
    private let onEvent: @Sendable (KafkaEvent) -> Void

    init(
        properties: [String: String],
        onDelivery: @escaping @Sendable ([KafkaDelivery]) -> Void,
        onEvent: @escaping @Sendable (KafkaEvent) -> Void
    ) throws(KafkaError) {
        let configuration = try KafkaProperties.configuration(KafkaProperties.producerDefaults, under: properties)
        configuration.withPointer {
            rd_kafka_conf_set_events($0, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS | RD_KAFKA_EVENT_LOG)
        }
        shared = Mutex(Shared(handle: try configuration.makeHandle(RD_KAFKA_PRODUCER)))
        self.onDelivery = onDelivery
        self.onEvent = onEvent
    }

    // MARK: Called from any thread

    func produce(_ record: KafkaRecord, token: Int64) throws(KafkaError) {
        try shared.withLock { shared throws(KafkaError) in
            guard let handle = shared.handle, shared.closeBy == nil else { throw KafkaError.closed }
            try handle.produce(record, token: token)
        }
    }

    func watermarks(
        of topic: String, timeout: Duration, _ done: CheckedContinuation<Result<[Int32: Range<Int64>], KafkaError>, Never>
    ) {
        ask { handle in
            done.resume(
                returning: Result { () throws(KafkaError) in
                    guard let handle else { throw KafkaError.closed }
                    return try handle.watermarks(of: topic, within: timeout)
                })
        }
    }

    func offsets(
        of topic: String, _ partitions: [Int32], since time: Int64, timeout: Duration,
        _ done: CheckedContinuation<Result<[Int32: Int64], KafkaError>, Never>
    ) {
        ask { handle in
            done.resume(
                returning: Result { () throws(KafkaError) in
                    guard let handle else { throw KafkaError.closed }
                    return try handle.offsets(of: topic, partitions, since: time, within: timeout)
                })
        }
    }

    func partitionCounts(
        of topics: [String], timeout: Duration, _ done: CheckedContinuation<[String: Result<Int, KafkaError>], Never>
    ) {
        ask { handle in
            let deadline = ContinuousClock.now + timeout
            let counts = topics.map { topic in
                let left = ContinuousClock.now.duration(to: deadline)
                let count = Result { () throws(KafkaError) in
                    guard let handle else { throw KafkaError.closed }
                    return try handle.partitions(of: topic, within: left).count
                }
                return (topic, count)
            }
            done.resume(returning: Dictionary(counts) { $1 })
        }
    }

    /// A question that blocks gets a thread; a handle that is closed meanwhile is freed by that. Nil once closed.
    private func ask(_ question: @escaping @Sendable (RDKafkaHandle?) -> Void) {
        let handle = shared.withLock { $0.closeBy == nil ? $0.handle : nil }
        DedicatedThread.start { question(handle) }
    }

    func close(flushTimeout: Duration, whenClosed: (@Sendable () -> Void)?) {
        let alreadyClosed = shared.withLock { shared in
            guard let handle = shared.handle else { return true }
            let deadline = ContinuousClock.now + flushTimeout
            shared.closeBy = min(shared.closeBy ?? deadline, deadline)
            if let whenClosed { shared.whenClosed.append(whenClosed) }
            handle.wake()
            return false
        }
        if alreadyClosed { whenClosed?() }
    }

    // MARK: On the thread

    func run() {
        serveUntilClosed()
        // The last reference to the handle went with that call, unless a survey still has it: it has been destroyed.
        shared.withLock(\.whenClosed).forEach { $0() }
    }

    private func serveUntilClosed() {
        guard let handle = shared.withLock({ $0.handle }) else { return }
        var monitor = ConnectionMonitor()
        while let timeout = nextTimeout(handle) {
            serve(handle, within: timeout, &monitor)
        }
        handle.purge()
        let deadline = ContinuousClock.now + Self.purgeTimeout
        while handle.outstanding > 0, ContinuousClock.now < deadline {
            serve(handle, within: .milliseconds(50), &monitor)
        }
        shared.withLock { $0.handle = nil }
    }

    /// How long the next poll may wait, or nil if it is time to end.
    private func nextTimeout(_ handle: RDKafkaHandle) -> Duration? {
        let now = ContinuousClock.now
        guard let closeBy = shared.withLock(\.closeBy) else { return Self.idle }
        return handle.outstanding == 0 || closeBy <= now ? nil : min(now.duration(to: closeBy), Self.idle)
    }

    /// Waits for an event, then takes all that are there, so that reports are handed over in batches under load.
    private func serve(_ handle: RDKafkaHandle, within timeout: Duration, _ monitor: inout ConnectionMonitor) {
        var deliveries: [KafkaDelivery] = []
        var wait = timeout
        while deliveries.count < Self.maxReports, let event = handle.nextEvent(within: wait) {
            wait = .zero
            switch event.kind {
            case RD_KAFKA_EVENT_DR: event.appendDeliveries(to: &deliveries)
            case RD_KAFKA_EVENT_STATS:
                monitor.knows(brokers: event.brokers)
                sample(aBrokerIsUp: event.aBrokerIsUp, handle, &monitor)
            case RD_KAFKA_EVENT_LOG: event.logLine?.event.map(onEvent)
            case RD_KAFKA_EVENT_ERROR: event.error.map { report($0, handle, &monitor) }
            default: break
            }
        }
        if !deliveries.isEmpty {
            if deliveries.contains(where: { $0.error == nil }) { monitor.brokerIsUp().map(onEvent) }
            onDelivery(deliveries)
        }
        monitor.outage().map(onEvent)
    }

    private func sample(aBrokerIsUp: Bool, _ handle: RDKafkaHandle, _ monitor: inout ConnectionMonitor) {
        if aBrokerIsUp {
            monitor.brokerIsUp().map(onEvent)
        } else {
            monitor.noBrokerIsUp()
            handle.reconnect()
        }
    }

    private func report(_ error: KafkaError, _ handle: RDKafkaHandle, _ monitor: inout ConnectionMonitor) {
        if error.isFatal {
            onEvent(.fatal(handle.fatalError ?? error))
        } else if error.code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.rawValue {
            monitor.noBrokerIsUp()
            handle.reconnect()
        } else {
            onEvent(.error(error))
        }
    }
}
