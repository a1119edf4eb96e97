import Kafka
import Logging
import SagaStore
import Store
import Synchronization
import Systemd
import Transport

extension OutboxPublisher {
    /// How long a broker that is there may leave a record unconfirmed before that is worth a word.
    private static let patience = Duration.seconds(5)
    private static let answerTimeout = Duration.seconds(3)

    /// Finds out why nothing is published although a broker answers; the library tries again without a word. Until the task is canceled.
    /// - Parameter onChange: called when `problem` has changed.
    func watchStalls(onChange: @Sendable () -> Void) async {
        for await _ in departures.stream {
            while let oldest = state.withLock({ $0.inFlight.oldest }) {
                try? await Task.sleep(for: Self.patience)
                if Task.isCancelled { return }
                guard isConnected, isOldest(oldest) else { continue }
                let refusal = await refusal(of: oldest)
                // It may have been confirmed meanwhile.
                if isOldest(oldest), note(refusal) { onChange() }
            }
        }
    }

    private func isOldest(_ seq: Int64) -> Bool { state.withLock { $0.inFlight.oldest == seq } }

    /// - Returns: whether that is news.
    private func note(_ refusal: String) -> Bool {
        let problem = "events cannot be published: \(refusal)"
        let before = state.withLock { state in
            defer { state.stall = problem }
            return state.stall
        }
        if before == nil { log.record(.warning, "\(problem)") }
        return before != problem
    }

    /// What a broker says when the record is sent to it without being tried again. It comes twice by this at worst, which the readers'
    /// inboxes absorb.
    private func refusal(of seq: Int64) async -> String {
        do {
            guard let entry = try await outbox.entries(after: seq - 1, limit: 1, in: database).first else {
                return "it is not in the outbox"
            }
            try await KafkaAdmin.attempt(record(entry), properties: properties, timeout: Self.answerTimeout)
            return "the brokers confirm nothing"
        } catch {
            return "\(error)"
        }
    }
}
