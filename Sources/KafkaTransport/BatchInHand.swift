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
        var isDurable = false
    }

    private let consumer: any EventConsumer
    private let state = Mutex(State())

    init(consumer: any EventConsumer) {
        self.consumer = consumer
    }

    /// Blocks: to be called on the consumer's thread.
    func handle(_ messages: [KafkaMessage]) throws(KafkaConsumer.Stop) {
        let records = messages.map(IncomingRecord.init)
        let done = DispatchSemaphore(value: 0)
        state.withLock { $0.isDurable = false }
        let task = Task {
            defer { done.signal() }
            try await consumer.consume(records, position: nil)
            state.withLock { $0.isDurable = true }
        }
        state.withLock { $0.task = task }
        done.wait()
        guard state.withLock({ $0.isDurable }) else { throw KafkaConsumer.Stop() }
    }

    /// Waits no longer for a database that may never be written again.
    func abandon() {
        state.withLock { $0.task }?.cancel()
    }
}
