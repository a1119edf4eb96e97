import Kafka
import Logging
import ServiceLifecycle
import Systemd

/// Creates the topics that are missing, where the broker lets itself be asked. One that does not has its topics from somewhere else.
struct TopicCreation {
    let properties: [String: String]
    let topics: [(name: String, partitions: Int32)]
    let log: Log

    private static let answerTimeout: Duration = .seconds(2)
    private static let retryInterval: Duration = .seconds(5)

    /// Tries until all exist, or a graceful shutdown.
    /// - Parameter onProblems: told after each try what the operator should know.
    func run(onProblems: @escaping @Sendable ([String]) -> Void) async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let failures = try await attempt()
                    // Without a broker there is nothing to say that the transport's own state does not say.
                    let refused = failures.filter { !$0.error.isRetriable }
                    onProblems(refused.map { "topic \($0.topic) could not be created: \($0.error)" })
                    if failures.isEmpty { return }
                } catch {
                    onProblems(["topics could not be created: \(error)"])
                }
                try? await Task.sleep(for: Self.retryInterval)
            }
        }
    }

    private func attempt() async throws(KafkaError) -> [(topic: String, error: KafkaError)] {
        let outcomes = try await KafkaAdmin.createTopics(properties: properties, topics, timeout: Self.answerTimeout)
        for (topic, outcome) in outcomes where outcome == .created { log.record(.notice, "created topic \(topic)") }
        return outcomes.compactMap { topic, outcome in
            if case .failed(let error) = outcome { (topic, error) } else { nil }
        }
    }
}
