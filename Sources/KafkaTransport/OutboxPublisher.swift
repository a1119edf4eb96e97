import Logging
import Kafka
import Saga
import SagaStore
import ServiceLifecycle
import Synchronization
import Systemd
import Wire
import Transport

/// Feeds a Kafka producer from the outbox, in order, and marks as published what the broker has confirmed.
///
/// What counts is the longest confirmed run from the start: after a crash, or when the producer has to be made anew, everything
/// behind it is published again, and the readers' inboxes absorb what they had.
final class OutboxPublisher: Sendable {
    /// The name under which the outbox remembers how far Kafka has it.
    static let follower = "kafka"

    struct State {
        var inFlight = EntriesInFlight()
        /// Tells reports of the present producer from those of one that was given up.
        var generation = 0
        var producer: KafkaProducer?
        var failure: KafkaError?
        var isConnected = false
        var changed: CheckedContinuation<Void, Never>?
        var problem: String?
        /// Why the oldest record is not confirmed, after it has waited for a while.
        var stall: String?
    }

    private let service: ServiceName
    private let topic: String
    let properties: [String: String]
    let database: Database
    let outbox: OutboxLog
    private let published: Confirmations
    let log: Log
    let state = Mutex(State())
    /// Something is on its way, where nothing was before.
    let departures = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    private static let mostInFlight = 10_000
    private static let chunk = 500
    /// Before a producer is made anew.
    private static let shortestPause = Duration.seconds(1)
    private static let longestPause = Duration.seconds(10)

    init(
        service: ServiceName, topic: String, properties: [String: String], database: Database, outbox: OutboxLog,
        published: Confirmations, log: Log
    ) {
        self.service = service
        self.topic = topic
        self.properties = properties
        self.database = database
        self.outbox = outbox
        self.published = published
        self.log = log
    }

    /// Why nothing is published at the moment, apart from a broker that is away.
    var problem: String? { state.withLock { $0.stall ?? $0.problem } }

    /// Publishes until a graceful shutdown, and then gives what is on its way at most five seconds.
    /// - Parameters:
    ///   - beforePublishing: called with each producer that is made, while nothing has been published through it yet.
    ///   - onLoss: called when the broker shows that it no longer has what it confirmed.
    func run(
        onEvent: @escaping @Sendable (KafkaEvent) -> Void, beforePublishing: @escaping @Sendable () async -> Void,
        onLoss: @escaping @Sendable () -> Void
    ) async throws {
        var pause = Self.shortestPause
        var reported: String?
        while !Task.isShuttingDownGracefully {
            let start = outbox.acknowledged(by: Self.follower)
            let producer = try makeProducer(onEvent: onEvent, onLoss: onLoss)
            state.withLock { $0.producer = producer }
            defer { state.withLock { $0.producer = nil } }
            let failure = await cancelWhenGracefulShutdown {
                await beforePublishing()
                return await self.publish(through: producer)
            }
            guard let failure else {
                // Without a broker there is nobody to wait for; what is on its way stays in the outbox.
                await producer.close(flushTimeout: state.withLock { $0.isConnected } ? .seconds(5) : .zero)
                return
            }
            if outbox.acknowledged(by: Self.follower) > start { (pause, reported) = (Self.shortestPause, nil) }
            let reason = KafkaPrincipal(properties).words(for: failure, KafkaRight(.write, .topic(topic)))
            // Once is enough: the status has it for as long as it lasts.
            log.record(reason == reported ? .debug : .error, "the Kafka producer is made anew: \(reason)")
            reported = reason
            state.withLock { $0.problem = "events could not be published: \(reason)" }
            await producer.close(flushTimeout: .zero)
            try? await cancelWhenGracefulShutdown { [pause] in try await Task.sleep(for: pause) }
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// What the topic holds, asked through the producer's connection; nil while there is no producer.
    func watermarks(within timeout: Duration) async throws(KafkaError) -> [Int32: Range<Int64>]? {
        try await state.withLock { $0.producer }?.watermarks(of: topic, timeout: timeout)
    }

    /// How many records may be on the broker that it has not confirmed. To be asked for before anything is published.
    var strays: Int64 { min(outbox.last - outbox.acknowledged(by: Self.follower), Int64(Self.mostInFlight + Self.chunk)) }

    /// The partitions that hold records older than all that may be on the broker unconfirmed. To be asked for before anything is published.
    func partitionsOlderThanStrays(_ watermarks: [Int32: Range<Int64>], within timeout: Duration) async throws(KafkaError) -> Set<Int32> {
        let acknowledged = outbox.acknowledged(by: Self.follower)
        guard let first = try? await outbox.entries(after: acknowledged, limit: 1, in: database).first,
            let producer = state.withLock({ $0.producer })
        else { return [] }
        let offsets = try await producer.offsets(
            of: topic, partitions: watermarks.keys.sorted(), since: first.occurredAt.milliseconds, timeout: timeout)
        return Set(offsets.filter { $0.value > watermarks[$0.key]?.lowerBound ?? .max }.keys)
    }

    /// How many partitions topics have, asked likewise.
    func partitionCounts(of topics: [String], within timeout: Duration) async -> [String: Result<Int, KafkaError>]? {
        await state.withLock { $0.producer }?.partitionCounts(of: topics, timeout: timeout)
    }

    /// Whether a broker answers, as far as the producer knows.
    var isConnected: Bool { state.withLock { $0.isConnected } }

    private func makeProducer(
        onEvent: @escaping @Sendable (KafkaEvent) -> Void, onLoss: @escaping @Sendable () -> Void
    ) throws -> KafkaProducer {
        let generation = state.withLock { state in
            state.generation += 1
            state.inFlight = EntriesInFlight()
            state.failure = nil
            state.isConnected = false
            return state.generation
        }
        return try KafkaProducer(
            properties: properties,
            onDelivery: { [weak self] deliveries in
                if self?.delivered(deliveries, generation) == false { onLoss() }
            },
            onEvent: { [weak self] event in
                self?.note(event, generation)
                onEvent(event)
            })
    }

    /// Returns the error after which the producer is of no more use, or nil when the task was canceled.
    private func publish(through producer: KafkaProducer) async -> KafkaError? {
        var sent = outbox.acknowledged(by: OutboxPublisher.follower)
        while !Task.isCancelled {
            if let failure = state.withLock({ $0.failure }) { return failure }
            let entries: [OutboxEntry]
            do {
                entries = try await outbox.entries(after: sent, limit: OutboxPublisher.chunk, in: database)
            } catch {
                state.withLock { $0.problem = "the outbox cannot be read: \(error)" }
                try? await Task.sleep(for: .seconds(1))
                continue
            }
            if entries.isEmpty {
                await waitForWork(after: sent)
                continue
            }
            for entry in entries {
                while true {
                    let isOnly = state.withLock { state in
                        state.inFlight.sent(entry.seq)
                        return state.inFlight.count == 1
                    }
                    if isOnly { departures.continuation.yield() }
                    do throws(KafkaError) {
                        try producer.produce(record(entry), token: entry.seq)
                        sent = entry.seq
                        break
                    } catch {
                        state.withLock { $0.inFlight.takeBack() }
                        guard error.isQueueFull else { return error }
                        await waitForRoom(below: 1)
                    }
                    if Task.isCancelled { return nil }
                    if let failure = state.withLock({ $0.failure }) { return failure }
                }
            }
            await waitForRoom(below: OutboxPublisher.mostInFlight)
        }
        return nil
    }

    /// Until there is something new in the outbox, or the producer has failed.
    private func waitForWork(after seq: Int64) async {
        await withTaskGroup { group in
            group.addTask { await self.outbox.waitForEntries(after: seq) }
            group.addTask { await self.waitForChange { $0.failure != nil } }
            await group.next()
            group.cancelAll()
        }
    }

    private func waitForRoom(below count: Int) async {
        await waitForChange { $0.inFlight.count < count || $0.failure != nil }
    }

    private func waitForChange(until isMet: @Sendable (borrowing State) -> Bool) async {
        while !Task.isCancelled {
            if state.withLock({ isMet($0) }) { return }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isMet = state.withLock { state in
                        if isMet(state) || Task.isCancelled { return true }
                        state.changed = continuation
                        return false
                    }
                    if isMet { continuation.resume() }
                }
            } onCancel: {
                signal()
            }
        }
    }

    private func signal() {
        state.withLock { state in
            defer { state.changed = nil }
            return state.changed
        }?.resume()
    }

    /// Returns false when the broker no longer has what it confirmed before.
    private func delivered(_ deliveries: [KafkaDelivery], _ generation: Int) -> Bool {
        var lost: Set<Int32> = []
        let reached = state.withLock { state -> Int64? in
            guard state.generation == generation else { return nil }
            for delivery in deliveries {
                if let error = delivery.error {
                    state.failure = state.failure ?? error
                } else {
                    // The offset of what an earlier attempt has written is not reported.
                    let offset = delivery.offset >= 0 ? delivery.offset : nil
                    if !published.confirm(offset, in: delivery.partition) { lost.insert(delivery.partition) }
                    state.inFlight.confirm(delivery.token)
                }
            }
            let reached = state.inFlight.takeConfirmed()
            if reached != nil { (state.problem, state.stall) = (nil, nil) }
            return reached
        }
        if let reached { outbox.acknowledge(reached, by: OutboxPublisher.follower) }
        if !lost.isEmpty { log.noteLoss(of: topic, lost.sorted()) }
        signal()
        return lost.isEmpty
    }

    private func note(_ event: KafkaEvent, _ generation: Int) {
        state.withLock { state in
            guard state.generation == generation else { return }
            switch event {
            case .connected: state.isConnected = true
            case .disconnected: state.isConnected = false
            case .fatal(let error): state.failure = error
            case .error, .refused, .granted, .assigned, .partlyAssigned, .revoked, .discontinuity, .waiting, .handled, .log: break
            }
        }
        signal()
    }

    func record(_ entry: OutboxEntry) -> KafkaRecord {
        let orderID = Array(entry.orderID.description.utf8)
        var headers = [
            KafkaHeader("ce_specversion", Array("1.0".utf8)),
            KafkaHeader("ce_id", Array(entry.eventID.description.utf8)),
            KafkaHeader("ce_source", Array("/sagad/\(service)".utf8)),
            KafkaHeader("ce_type", Array(entry.type.rawValue.utf8)),
            KafkaHeader("ce_subject", orderID),
            KafkaHeader("ce_time", Array(entry.occurredAt.description.utf8)),
            KafkaHeader("content-type", Array("application/json".utf8)),
            KafkaHeader("traceparent", Array(entry.trace.traceparent(event: entry.eventID).utf8)),
        ]
        if let causation = entry.causation { headers.append(KafkaHeader("ce_causationid", Array(causation.description.utf8))) }
        return KafkaRecord(topic: topic, key: orderID, value: entry.body, headers: headers)
    }
}
