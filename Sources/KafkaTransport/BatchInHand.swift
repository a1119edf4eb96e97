import Dispatch
import Kafka
import SagaStore
import Synchronization
import Transport

/// Hands what a Kafka consumer received to the event consumer, one batch at a time, and has the consumer's own thread wait until it is
/// durable: so a rebalance never finds one half done. After a crash the batch comes again, and the inbox absorbs it.
final class BatchInHand: Sendable {
    private struct State {
        var task: Task<Void, any Error>?
        /// Nil unless the rest is durable.
        var waiting: Set<Int>?
    }

    private let consumer: any EventConsumer
    private let state = Mutex(State())

    init(consumer: any EventConsumer) {
        self.consumer = consumer
    }

    /// Blocks: to be called on the consumer's thread.
    ///
    /// - Returns: the indices of what there is no room for.
    func handle(_ messages: [KafkaMessage]) throws(KafkaConsumer.Stop) -> Set<Int> {
        let records = messages.map(IncomingRecord.init)
        let done = DispatchSemaphore(value: 0)
        state.withLock { $0.waiting = nil }
        let task = Task {
            defer { done.signal() }
            let waiting = try await consumer.consume(records, position: nil)
            state.withLock { $0.waiting = waiting }
        }
        state.withLock { $0.task = task }
        done.wait()
        guard let waiting = state.withLock({ $0.waiting }) else { throw KafkaConsumer.Stop() }
        return waiting
    }

    /// Waits no longer for a database that may never be written again.
    func abandon() {
        state.withLock { $0.task }?.cancel()
    }
}
